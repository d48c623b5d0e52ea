/**
 * The CDK app. {@link dev.sheaf.infra.SheafStack} is the map: one class for each part of a site,
 * wired there and nowhere else. {@link dev.sheaf.infra.Site} holds everything that a deployment may
 * choose.
 */
@NullMarked
package dev.sheaf.infra;

import org.jspecify.annotations.NullMarked;
