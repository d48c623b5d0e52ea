/**
 * A local S3 server: S3Proxy speaks the protocol (signatures, presigned URLs, chunked uploads,
 * checksums, XML), the classes here keep the objects, in memory or in a folder. Read {@link
 * S3Server} for how to start one, and {@code Bucket} for what it promises.
 *
 * <p>The package is called {@code awssdk} because S3Proxy decides by a store's class name what the
 * store can do, and hands conditional writes only to a store in a package of that name.
 */
@NullMarked
package dev.sheaf.localstack.servers.s3.awssdk;

import org.jspecify.annotations.NullMarked;
