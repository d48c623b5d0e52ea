package dev.sheaf.storage.s3;

import dev.sheaf.bundle.BytesContent;
import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.FileContent;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.storage.Deadline;
import dev.sheaf.storage.ObjectStore.Condition;
import dev.sheaf.storage.ObjectStore.PutResult;
import dev.sheaf.storage.s3.direct.DirectPuts;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;

/**
 * PUTs, each of a whole body: from memory by the short way where there is one, else by the SDK.
 *
 * <p>A conditional PUT that fails its condition on a retry may have met its own first attempt: it
 * is reported as {@code UNAVAILABLE}, outcome unknown, unless the key is named by its content,
 * where "there already" is the same either way.
 */
final class S3Puts {
  private static final int HASHED_BODY = 1 << 20;

  private final Supplier<S3Client> s3;
  private final Optional<DirectPuts> direct;
  private final String bucket;

  S3Puts(Supplier<S3Client> s3, Optional<DirectPuts> direct, String bucket) {
    this.s3 = s3;
    this.direct = direct;
    this.bucket = bucket;
  }

  /** As the port's. */
  PutResult put(
      String key,
      Content body,
      @Nullable ContentId sha256,
      Condition condition,
      String contentType) {
    if (!(body instanceof BytesContent memory) || Deadline.isOver()) {
      // What is over the SDK's way says in the words of this port.
      return putBySdk(key, body, sha256, condition, contentType, 0);
    }
    if (sha256 != null) {
      return directly(key, memory, sha256, condition, contentType)
          .orElseGet(() -> putBySdk(key, body, sha256, condition, contentType, 0));
    }
    if (direct.isEmpty() || body.size() > HASHED_BODY) {
      return putBySdk(key, body, null, condition, contentType, 0);
    }
    return directly(direct.get(), key, memory.bytes(), condition, contentType)
        .orElseGet(() -> putBySdk(key, body, null, condition, contentType, 1));
  }

  /** Empty where the PUT is not of the kind that has a short way, or did not end plainly on it. */
  private Optional<PutResult> directly(
      String key, BytesContent body, ContentId sha256, Condition condition, String contentType) {
    if (condition instanceof Condition.IfMatch) {
      return Optional.empty();
    }
    boolean onlyIfAbsent = condition instanceof Condition.IfAbsent;
    return direct.flatMap(puts -> puts.put(key, body.bytes(), sha256, onlyIfAbsent, contentType));
  }

  /** The same where nobody knows the body's hash: it needs one to be signed. */
  private static Optional<PutResult> directly(
      DirectPuts puts, String key, byte[] body, Condition condition, String contentType) {
    return switch (condition) {
      case Condition.Always() -> puts.put(key, body, contentType);
      case Condition.IfAbsent() -> puts.putIf("if-none-match", "*", key, body, contentType);
      case Condition.IfMatch(String etag) -> puts.putIf("if-match", etag, key, body, contentType);
    };
  }

  /**
   * Makes a PUT by the SDK.
   *
   * @param before attempts that were made otherwise, and may have landed
   */
  private PutResult putBySdk(
      String key,
      Content body,
      @Nullable ContentId sha256,
      Condition condition,
      String contentType,
      int before) {
    PutObjectRequest.Builder request =
        PutObjectRequest.builder().bucket(bucket).key(key).contentLength(body.size());
    if (sha256 != null) {
      request.checksumSHA256(sha256.base64());
    }
    switch (condition) {
      case Condition.Always() -> {}
      case Condition.IfAbsent() -> request.ifNoneMatch("*");
      case Condition.IfMatch(String etag) -> request.ifMatch(etag);
    }
    try {
      String etag = s3.get().putObject(request.build(), requestBody(body, contentType)).eTag();
      return new PutResult.Written(etag);
    } catch (SdkException e) {
      boolean named = condition instanceof Condition.IfAbsent && sha256 != null;
      return conditionFailed(key, condition, named, before, e);
    }
  }

  private PutResult conditionFailed(
      String key, Condition condition, boolean namedByContent, int before, SdkException e) {
    int status = S3Failures.status(e);
    boolean conditional = !(condition instanceof Condition.Always);
    // A race proves no object yet, and for one named by its content that is all the caller asks.
    boolean failed = status == 412 || (status == 409 && !namedByContent);
    if (!conditional || !failed) {
      throw S3Failures.of("PUT", bucket, key, e);
    }
    int attempts = before + (e.numAttempts() == null ? 1 : e.numAttempts());
    if (attempts > 1 && !namedByContent) {
      throw new SheafException(
          ErrorKind.UNAVAILABLE,
          ("conditional PUT of s3://%s/%s: the condition failed at attempt %d, perhaps through an"
                  + " earlier one; read the present state and decide again")
              .formatted(bucket, key, attempts),
          e);
    }
    return new PutResult.ConditionFailed();
  }

  private static RequestBody requestBody(Content body, String contentType) {
    ContentStreamProvider provider =
        switch (body) {
          case BytesContent memory -> ContentStreamProvider.fromByteArrayUnsafe(memory.bytes());
          case FileContent file -> RequestBody.fromFile(file.path()).contentStreamProvider();
        };
    return RequestBody.fromContentProvider(provider, body.size(), contentType);
  }
}
