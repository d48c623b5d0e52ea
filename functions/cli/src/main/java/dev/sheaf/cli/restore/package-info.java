/**
 * From bundles to git. {@link dev.sheaf.cli.restore.RepositoryBuilder} takes bundles in order and
 * builds a repository with one pack; every commit is checked against the id of its tree, so that
 * what comes out is what went in or nothing. Nothing here talks to a server.
 */
@NullMarked
package dev.sheaf.cli.restore;

import org.jspecify.annotations.NullMarked;
