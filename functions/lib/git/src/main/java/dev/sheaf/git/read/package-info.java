/**
 * What people and clients ask of a repository: a log, a folder, an object, a pack of what they
 * lack.
 */
@NullMarked
package dev.sheaf.git.read;

import org.jspecify.annotations.NullMarked;
