package dev.sheaf.localstack.servers.s3.awssdk;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Base64;
import org.gaul.s3proxy.blobstore.S3Exceptions;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.model.CommonPrefix;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.S3Object;

/** Pages of a bucket's listing, as S3 words them. */
final class ListAnswer {
  private static final int MAX_PAGE = 1000;

  private ListAnswer() {}

  static ListObjectsV2Response of(Bucket bucket, ListObjectsV2Request request) {
    String token = request.continuationToken();
    String after = token == null ? request.startAfter() : fromToken(token);
    Listing page =
        Listing.page(
            bucket.index(),
            Key.of(request.prefix() == null ? "" : request.prefix()),
            emptyToNull(request.delimiter()),
            emptyToNull(after),
            request.maxKeys() == null ? MAX_PAGE : request.maxKeys());
    Key next = page.next();
    return ListObjectsV2Response.builder()
        .contents(page.objects().stream().map(ListAnswer::listed).toList())
        .commonPrefixes(
            page.commonPrefixes().stream()
                .map(prefix -> CommonPrefix.builder().prefix(prefix).build())
                .toList())
        .isTruncated(next != null)
        .nextContinuationToken(next == null ? null : token(next))
        .build();
  }

  private static S3Object listed(StoredObject object) {
    return S3Object.builder()
        .key(object.key().toString())
        .eTag(object.etag())
        .size(object.size())
        .lastModified(object.lastModified())
        .storageClass("STANDARD")
        .build();
  }

  private static @Nullable Key emptyToNull(@Nullable String text) {
    return text == null || text.isEmpty() ? null : Key.of(text);
  }

  /** A token is put into XML as it is, and not every key may be. */
  private static String token(Key key) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(key.bytes());
  }

  private static String fromToken(String token) {
    try {
      return new String(Base64.getUrlDecoder().decode(token), UTF_8);
    } catch (IllegalArgumentException e) {
      throw S3Exceptions.invalidArgument("The continuation token provided is incorrect");
    }
  }
}
