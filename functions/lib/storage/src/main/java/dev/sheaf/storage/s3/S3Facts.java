package dev.sheaf.storage.s3;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.storage.ObjectStore.StoredObject;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.services.s3.model.ChecksumType;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Object;

/** Reads the facts of an object out of the SDK's answers. */
final class S3Facts {
  private S3Facts() {}

  static StoredObject of(String key, HeadObjectResponse head) {
    return new StoredObject(
        key,
        head.contentLength(),
        head.eTag(),
        stamp(head.lastModified()),
        checksum(head.checksumSHA256(), head.checksumType()));
  }

  static StoredObject of(String key, GetObjectResponse get) {
    return new StoredObject(
        key,
        wholeSize(get),
        get.eTag(),
        stamp(get.lastModified()),
        checksum(get.checksumSHA256(), get.checksumType()));
  }

  static StoredObject of(S3Object listed) {
    return new StoredObject(
        listed.key(), listed.size(), listed.eTag(), stamp(listed.lastModified()), null);
  }

  /** S3 answers 304 with the ETag and the stamp, but without a size. */
  static StoredObject ofNotModified(String key, SdkException e) {
    Optional<SdkHttpResponse> answer =
        e instanceof AwsServiceException service && service.awsErrorDetails() != null
            ? Optional.ofNullable(service.awsErrorDetails().sdkHttpResponse())
            : Optional.empty();
    String etag = answer.flatMap(r -> r.firstMatchingHeader("ETag")).orElse("");
    Instant stamp =
        answer
            .flatMap(r -> r.firstMatchingHeader("Last-Modified"))
            .map(S3Facts::httpDate)
            .orElse(Instant.EPOCH);
    return new StoredObject(key, -1, etag, stamp, null);
  }

  /** On a ranged read the length is the part's; the whole's stands behind the slash. */
  private static long wholeSize(GetObjectResponse get) {
    String range = get.contentRange();
    int slash = range == null ? -1 : range.indexOf('/');
    return slash < 0 ? get.contentLength() : Long.parseLong(range.substring(slash + 1));
  }

  /**
   * Only a checksum of the whole object names its content. A multipart upload's is a checksum of
   * checksums: of type COMPOSITE, or, from stores that send no type, with "-parts" behind it.
   */
  private static @Nullable ContentId checksum(
      @Nullable String base64, @Nullable ChecksumType type) {
    if (base64 == null || base64.indexOf('-') >= 0 || type == ChecksumType.COMPOSITE) {
      return null;
    }
    return ContentId.ofBase64(base64);
  }

  private static Instant stamp(@Nullable Instant lastModified) {
    return lastModified == null ? Instant.EPOCH : lastModified;
  }

  private static Instant httpDate(String text) {
    try {
      return DateTimeFormatter.RFC_1123_DATE_TIME.parse(text, Instant::from);
    } catch (DateTimeParseException e) {
      return Instant.EPOCH;
    }
  }
}
