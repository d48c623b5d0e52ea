/**
 * The catalog-role function: makes the Postgres role that the other functions are, once a deploy.
 *
 * <p>{@link dev.sheaf.catalogrole.CatalogRoleHandler} is called by CloudFormation, {@link
 * dev.sheaf.catalogrole.CatalogRole} is what it does, {@link dev.sheaf.catalogrole.StackRequest} is
 * how CloudFormation asks and is answered.
 */
@NullMarked
package dev.sheaf.catalogrole;

import org.jspecify.annotations.NullMarked;
