package dev.sheaf.localstack.servers.s3.awssdk;

import java.time.Instant;

/**
 * An object was stored: what an S3 notification tells.
 *
 * @param event {@code ObjectCreated:Put}, {@code ObjectCreated:Copy} or {@code
 *     ObjectCreated:CompleteMultipartUpload}
 * @param etag without quotes
 * @param sequencer grows with every write; of two notifications for one key the greater is the
 *     later write
 */
public record ObjectCreated(
    String event,
    String bucket,
    String key,
    long size,
    String etag,
    Instant time,
    long sequencer) {}
