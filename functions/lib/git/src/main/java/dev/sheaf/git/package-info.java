/**
 * Git histories kept as git keeps them: packs in the bucket, read by JGit (design in this module's
 * README).
 *
 * <ul>
 *   <li>{@link dev.sheaf.git.GitStorage} opens a repository over its stored packs; JGit reads them
 *       by ranged GETs.
 *   <li>{@link dev.sheaf.git.BundleHeader} and {@link dev.sheaf.git.PackIntake} are the way in: a
 *       git bundle's pack becomes a {@link dev.sheaf.git.ReceivedPack} in temp files, every id
 *       computed from its bytes, which is then stored under its name.
 *   <li>{@link dev.sheaf.git.GitKeys} knows every key below {@code git/}.
 * </ul>
 *
 * <p>What holds in every repository: whatever an object in one of its packs names (a commit its
 * tree and parents, a tree its entries, a tag its object) is in one of its packs too. {@link
 * dev.sheaf.git.ReceivedPack#missing} proves it for a new pack, so nobody has to walk a history.
 *
 * <p>Nothing here knows SQL or Lambda; which packs a repository has, and its refs, come from the
 * caller.
 */
@NullMarked
package dev.sheaf.git;

import org.jspecify.annotations.NullMarked;
