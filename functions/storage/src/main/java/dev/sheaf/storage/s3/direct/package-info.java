/**
 * A short way to S3 for the two requests that are made by the thousand: the PUT of an object from
 * memory, and the GET of a small one. The SDK spends three to ten times as much processor time on a
 * PUT as the PUT needs, most of all in a fresh JVM, which is what a function is. What does not end
 * plainly here goes the SDK's way.
 */
@NullMarked
package dev.sheaf.storage.s3.direct;

import org.jspecify.annotations.NullMarked;
