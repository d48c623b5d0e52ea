package dev.sheaf.localstack.servers.s3.awssdk;

import org.gaul.s3proxy.blobstore.S3Exceptions;
import org.jspecify.annotations.Nullable;

/**
 * What must hold of the object that a write replaces.
 *
 * @param ifMatch an ETag with or without quotes; or null
 * @param ifNoneMatch an ETag or {@code *}; or null
 */
record Condition(@Nullable String ifMatch, @Nullable String ifNoneMatch) {
  static final Condition NONE = new Condition(null, null);

  /** Throws what S3 answers when the condition does not hold. */
  void check(String bucket, Key key, @Nullable StoredObject present) {
    if (ifMatch != null) {
      if (present == null) {
        throw S3Exceptions.noSuchKey(bucket, key.toString(), "If-Match needs an object");
      }
      if (!ifMatch.equals("*") && !unquoted(ifMatch).equals(present.etag())) {
        throw S3Exceptions.preconditionFailed(null);
      }
    }
    if (ifNoneMatch != null && present != null) {
      if (ifNoneMatch.equals("*") || unquoted(ifNoneMatch).equals(present.etag())) {
        throw S3Exceptions.preconditionFailed(null);
      }
    }
  }

  static String unquoted(String etag) {
    boolean quoted = etag.length() > 1 && etag.startsWith("\"") && etag.endsWith("\"");
    return quoted ? etag.substring(1, etag.length() - 1) : etag;
  }
}
