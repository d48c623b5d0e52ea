package dev.sheaf.localstack.servers.s3.awssdk;

import java.time.Instant;
import java.util.Map;
import org.gaul.s3proxy.blobstore.S3Exceptions;
import org.gaul.s3proxy.blobstore.SdkRequests;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;

/**
 * Decides what a GET reads: the whole object, a range of it, or nothing because nothing changed.
 */
final class Ranges {
  private Ranges() {}

  static Bucket.Range of(GetObjectRequest get, StoredObject object) {
    checkConditions(get, object);
    var asked = SdkRequests.parseRange(get.range());
    if (asked == null) {
      return new Bucket.Range(0, object.size());
    }
    Long first = asked.first();
    Long last = asked.last();
    if (first == null) {
      long tail = last == null ? 0 : Math.min(last, object.size());
      return nonEmpty(object.size() - tail, object.size());
    }
    long end = last == null ? object.size() : Math.min(last + 1, object.size());
    return nonEmpty(first, end);
  }

  private static Bucket.Range nonEmpty(long begin, long end) {
    if (begin >= end) {
      throw S3Exceptions.fromStatusCode(416);
    }
    return new Bucket.Range(begin, end - begin);
  }

  private static void checkConditions(GetObjectRequest get, StoredObject object) {
    String ifMatch = get.ifMatch();
    if (ifMatch != null && !matches(ifMatch, object)) {
      throw S3Exceptions.preconditionFailed(null);
    }
    Instant unmodifiedSince = get.ifUnmodifiedSince();
    if (ifMatch == null && isAfter(object.lastModified(), unmodifiedSince)) {
      throw S3Exceptions.preconditionFailed(null);
    }
    String ifNoneMatch = get.ifNoneMatch();
    Instant modifiedSince = get.ifModifiedSince();
    boolean unchanged =
        ifNoneMatch != null
            ? matches(ifNoneMatch, object)
            : modifiedSince != null && !isAfter(object.lastModified(), modifiedSince);
    if (unchanged) {
      throw S3Exceptions.fromStatusCode(304, "\"" + object.etag() + "\"", Map.of(), null);
    }
  }

  private static boolean matches(String etag, StoredObject object) {
    return etag.equals("*") || Condition.unquoted(etag).equals(object.etag());
  }

  private static boolean isAfter(Instant time, @Nullable Instant limit) {
    return limit != null && time.isAfter(limit);
  }
}
