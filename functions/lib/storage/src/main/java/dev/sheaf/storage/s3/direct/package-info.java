/**
 * A short way to S3 for what is asked by the thousand or what everything waits for: PUT, GET and
 * deletion of objects in memory, LIST, and whether the bucket is there. What does not end plainly
 * here goes the SDK's way. No wait outlasts the thread's {@link dev.sheaf.storage.Deadline}.
 *
 * <p>Everything else in this module leaves HTTP and signing to the SDK, and this would too if it
 * could: the SDK spends most of the processor time of an index job on PUTs, above all in a fresh
 * JVM, which is what a function is. Measured with {@code localstack/bench index} on a bundle of
 * 5,165 objects (48 MB, 129 MB raw), two cores that the store and Postgres share, elapsed seconds
 * of the first run in a JVM and the median of eight later ones:
 *
 * <table>
 * <caption>Ways to make a PUT, each beside this one in the same minute</caption>
 * <tr><td>{@code S3Client.putObject}<td>4.4<td>2.05<td>this package: 2.0<td>1.06
 * <tr><td>the SDK's signer and HTTP client alone<td>4.0<td>1.73<td>this package: 2.6<td>1.37
 * </table>
 *
 * <p>Without this way of a PUT the job neither stays below its goal of 1.661 s nor is five times as
 * fast as the service that it replaces (7.8 s there).
 *
 * <p>A LIST is here because a replica of a journal starts with one, in a fresh JVM: {@code sheaf
 * bench journal} over 10,000 segments, ten pages, started in 1.3 to 1.8 s by the SDK's LIST and
 * starts in 0.6 to 0.9 s by this one (a part of that is owed to platform threads, which wait for
 * the GETs). A second look at the same ten pages took about 250 ms, and takes 100 ms.
 *
 * <p>The SDK costs most before it sends anything: a process that asks a bucket with one segment for
 * its journal loaded and ran 1.5 s of it, of 1.6 s of processor time. Such a process makes no
 * client of the SDK's at all; {@code S3ObjectStore} asks for one when this way does not lead to an
 * end.
 *
 * <p>Measure again when the SDK changes: if it comes within a quarter of this, delete the package.
 */
@NullMarked
package dev.sheaf.storage.s3.direct;

import org.jspecify.annotations.NullMarked;
