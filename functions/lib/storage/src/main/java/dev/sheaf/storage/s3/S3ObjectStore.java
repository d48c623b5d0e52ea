package dev.sheaf.storage.s3;

import dev.sheaf.bundle.BytesContent;
import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.FileContent;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.storage.Deadline;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.Once;
import dev.sheaf.storage.s3.direct.DirectDeletes;
import dev.sheaf.storage.s3.direct.DirectGets;
import dev.sheaf.storage.s3.direct.DirectHeads;
import dev.sheaf.storage.s3.direct.DirectLists;
import dev.sheaf.storage.s3.direct.DirectPuts;
import dev.sheaf.storage.s3.direct.Exchanges;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.ChecksumMode;
import software.amazon.awssdk.services.s3.model.CommonPrefix;
import software.amazon.awssdk.services.s3.model.EncodingType;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.NoSuchBucketException;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;
import software.amazon.awssdk.services.s3.presigner.model.PresignedPutObjectRequest;

/**
 * {@link ObjectStore} on the AWS SDK; objects in memory, listings and deletions take a shorter way
 * first ({@link DirectPuts}, {@link DirectGets}, {@link DirectLists}, {@link DirectDeletes}).
 *
 * <p>Every body travels in one PUT, whatever its size (S3 takes 5 GiB, which is also the limit of
 * an object), from memory or straight from its file. No multipart uploads: S3 checks a SHA-256 of
 * the whole only on a single PUT, and that check is what proves an object.
 *
 * <p>Retries are the SDK's. A conditional write that fails its condition on a retry may have met
 * its own first attempt: it is reported as {@code UNAVAILABLE}, outcome unknown, unless the key is
 * named by its content, where "there already" is the same either way.
 */
public final class S3ObjectStore implements ObjectStore {
  private static final int KEYS_PER_DELETE = 1_000;
  private static final int HASHED_BODY = 1 << 20;
  private static final String CHECKSUM_MODE = "x-amz-checksum-mode";

  private final Supplier<S3Client> s3;
  private final Supplier<S3Presigner> presigner;
  private final Optional<DirectPuts> directPuts;
  private final Optional<DirectGets> directGets;
  private final Optional<DirectLists> directLists;
  private final Optional<DirectDeletes> directDeletes;
  private final Optional<DirectHeads> directHeads;
  private final String bucket;

  /**
   * The clients stay the caller's: it closes them. Each is asked for once, and only when needed:
   * making them takes a fresh process longer than all that a short command asks of its bucket.
   *
   * @param direct the short way for objects in memory and for listings, where there is one
   */
  public S3ObjectStore(
      Supplier<S3Client> s3,
      Supplier<S3Presigner> presigner,
      Optional<Exchanges> direct,
      String bucket) {
    this.s3 = new Once<>(() -> new DeadlineS3Client(s3.get()));
    this.presigner = new Once<>(presigner);
    this.directPuts = direct.map(DirectPuts::new);
    this.directGets = direct.map(DirectGets::new);
    this.directLists = direct.map(DirectLists::new);
    this.directDeletes = direct.map(DirectDeletes::new);
    this.directHeads = direct.map(DirectHeads::new);
    this.bucket = bucket;
  }

  @Override
  public String bucket() {
    return bucket;
  }

  @Override
  public void requireBucket() {
    if (!Deadline.isOver() && directHeads.filter(DirectHeads::isBucketThere).isPresent()) {
      return;
    }
    try {
      s3.get().headBucket(r -> r.bucket(bucket));
    } catch (SdkException e) {
      throw S3Failures.of("HEAD of the bucket", bucket, null, e);
    }
  }

  @Override
  public PutResult put(
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
    if (directPuts.isEmpty() || body.size() > HASHED_BODY) {
      return putBySdk(key, body, null, condition, contentType, 0);
    }
    return directly(directPuts.get(), key, memory.bytes(), condition, contentType)
        .orElseGet(() -> putBySdk(key, body, null, condition, contentType, 1));
  }

  /** Empty where the PUT is not of the kind that has a short way, or did not end plainly on it. */
  private Optional<PutResult> directly(
      String key, BytesContent body, ContentId sha256, Condition condition, String contentType) {
    if (condition instanceof Condition.IfMatch) {
      return Optional.empty();
    }
    boolean onlyIfAbsent = condition instanceof Condition.IfAbsent;
    return directPuts.flatMap(
        puts -> puts.put(key, body.bytes(), sha256, onlyIfAbsent, contentType));
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

  @Override
  public Optional<Download> getIntoMemory(String key, @Nullable String unlessEtag) {
    Optional<DirectGets.Settled> settled =
        Deadline.isOver()
            ? Optional.empty()
            : directGets.flatMap(gets -> gets.get(key, unlessEtag));
    return settled.isPresent()
        ? settled.get().download()
        : ObjectStore.super.getIntoMemory(key, unlessEtag);
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

  @Override
  public Optional<Download> get(String key, Read read) {
    GetObjectRequest.Builder request = GetObjectRequest.builder().bucket(bucket).key(key);
    boolean whole = read.offset() == 0 && read.length() < 0;
    if (whole) {
      // As a plain header: through the typed field the SDK would hash the whole body again.
      request.overrideConfiguration(
          c -> c.putHeader(CHECKSUM_MODE, ChecksumMode.ENABLED.toString()));
    } else {
      request.range(range(read));
    }
    if (read.unlessEtag() != null) {
      request.ifNoneMatch(read.unlessEtag());
    }
    try {
      ResponseInputStream<GetObjectResponse> response = s3.get().getObject(request.build());
      StoredObject object = S3Facts.of(key, response.response());
      long length = response.response().contentLength();
      InputStream body = new ObjectBody(response, length, "s3://" + bucket + "/" + key);
      return Optional.of(new Download(object, body, false));
    } catch (SdkException e) {
      if (S3Failures.status(e) == 304) {
        StoredObject object = S3Facts.ofNotModified(key, e);
        return Optional.of(new Download(object, InputStream.nullInputStream(), true));
      }
      return emptyIfMissing("GET", key, e);
    }
  }

  private static String range(Read read) {
    String last = read.length() < 0 ? "" : Long.toString(read.offset() + read.length() - 1);
    return "bytes=" + read.offset() + "-" + last;
  }

  @Override
  public Optional<StoredObject> head(String key) {
    try {
      return Optional.of(
          S3Facts.of(
              key,
              s3.get()
                  .headObject(r -> r.bucket(bucket).key(key).checksumMode(ChecksumMode.ENABLED))));
    } catch (SdkException e) {
      return emptyIfMissing("HEAD", key, e);
    }
  }

  private <T> Optional<T> emptyIfMissing(String action, String key, SdkException e) {
    if (S3Failures.status(e) == 404 && !(e instanceof NoSuchBucketException)) {
      return Optional.empty();
    }
    throw S3Failures.of(action, bucket, key, e);
  }

  @Override
  public Page list(String prefix, @Nullable String delimiter, @Nullable String continuation) {
    Optional<Page> page =
        Deadline.isOver()
            ? Optional.empty()
            : directLists.flatMap(lists -> lists.list(prefix, delimiter, continuation));
    return page.orElseGet(() -> listBySdk(prefix, delimiter, continuation, null));
  }

  @Override
  public Page listAfter(String prefix, String startAfter) {
    Optional<Page> page =
        Deadline.isOver()
            ? Optional.empty()
            : directLists.flatMap(lists -> lists.listAfter(prefix, startAfter));
    return page.orElseGet(() -> listBySdk(prefix, null, null, startAfter));
  }

  private Page listBySdk(
      String prefix,
      @Nullable String delimiter,
      @Nullable String continuation,
      @Nullable String startAfter) {
    try {
      var answer =
          s3.get()
              .listObjectsV2(r ->
                  r.bucket(bucket)
                      .prefix(prefix)
                      .delimiter(delimiter)
                      .continuationToken(continuation)
                      .startAfter(startAfter)
                      // Else a control character in a key breaks the XML answer. The SDK decodes.
                      .encodingType(EncodingType.URL));
      return new Page(
          answer.contents().stream().map(S3Facts::of).toList(),
          answer.commonPrefixes().stream().map(CommonPrefix::prefix).toList(),
          Boolean.TRUE.equals(answer.isTruncated()) ? answer.nextContinuationToken() : null);
    } catch (SdkException e) {
      throw S3Failures.of("LIST", bucket, prefix, e);
    }
  }

  @Override
  public boolean deleteIf(String key, String etag) {
    try {
      s3.get().deleteObject(r -> r.bucket(bucket).key(key).ifMatch(etag));
      return true;
    } catch (SdkException e) {
      return switch (S3Failures.status(e)) {
        // Nothing is there, or no longer: a retry may have met what its first attempt did.
        case 404 -> {
          if (e instanceof NoSuchBucketException) {
            throw S3Failures.of("DELETE", bucket, key, e);
          }
          yield true;
        }
        case 412 -> false;
        case 501 -> deleteAfterLook(key, etag);
        default -> throw S3Failures.of("DELETE", bucket, key, e);
      };
    }
  }

  /** For a store that does not take the condition. */
  private boolean deleteAfterLook(String key, String etag) {
    Optional<StoredObject> present = head(key);
    if (present.isEmpty()) {
      return true;
    }
    if (!present.get().etag().equals(etag)) {
      return false;
    }
    deleteOne(key)
        .ifPresent(why -> {
          throw new SheafException(
              ErrorKind.SITE, "DELETE of s3://" + bucket + "/" + key + " was refused: " + why);
        });
    return true;
  }

  @Override
  public Map<String, String> delete(Collection<String> keys) {
    List<String> all = keys.stream().filter(S3ObjectStore::canBeXml).toList();
    Map<String, String> refused = new LinkedHashMap<>();
    for (int from = 0; from < all.size(); from += KEYS_PER_DELETE) {
      int to = Math.min(all.size(), from + KEYS_PER_DELETE);
      List<String> chunk = all.subList(from, to);
      if (Deadline.isOver() || directDeletes.filter(deletes -> deletes.delete(chunk)).isEmpty()) {
        refused.putAll(deleteChunk(chunk));
      }
    }
    keys.stream()
        .filter(key -> !canBeXml(key))
        .forEach(key -> deleteOne(key).ifPresent(why -> refused.put(key, why)));
    return refused;
  }

  /** Whether a key can stand in a request that names several: XML 1.0 has no way to write some. */
  private static boolean canBeXml(String key) {
    return key.codePoints()
        .allMatch(c ->
            (c >= 0x20 && c < 0xd800)
                || (c > 0xdfff && c < 0xfffe)
                || c > 0xffff
                || c == '\t'
                || c == '\n'
                || c == '\r');
  }

  /** Deletes one key, whatever it is made of; why the store refused to, if it did. */
  private Optional<String> deleteOne(String key) {
    try {
      s3.get().deleteObject(r -> r.bucket(bucket).key(key));
      return Optional.empty();
    } catch (S3Exception e) {
      if (e.statusCode() == 403 || e.statusCode() == 400) {
        return Optional.of(String.valueOf(e.getMessage()));
      }
      throw S3Failures.of("DELETE", bucket, key, e);
    } catch (SdkException e) {
      throw S3Failures.of("DELETE", bucket, key, e);
    }
  }

  private Map<String, String> deleteChunk(List<String> keys) {
    List<ObjectIdentifier> identifiers =
        keys.stream().map(key -> ObjectIdentifier.builder().key(key).build()).toList();
    try {
      var answer =
          s3.get()
              .deleteObjects(r -> r.bucket(bucket).delete(d -> d.objects(identifiers).quiet(true)));
      Map<String, String> refused = new LinkedHashMap<>();
      answer.errors().forEach(e -> refused.put(e.key(), e.code() + ": " + e.message()));
      return refused;
    } catch (SdkException e) {
      throw S3Failures.of("DELETE of " + keys.size() + " keys", bucket, keys.getFirst(), e);
    }
  }

  @Override
  public URI presignGet(String key, Duration lifetime) {
    return URI.create(
        presigner
            .get()
            .presignGetObject(
                r -> r.signatureDuration(lifetime).getObjectRequest(g -> g.bucket(bucket).key(key)))
            .url()
            .toString());
  }

  @Override
  public PresignedPut presignPut(String key, ContentId sha256, long size, Duration lifetime) {
    PutObjectRequest put =
        PutObjectRequest.builder()
            .bucket(bucket)
            .key(key)
            .contentLength(size)
            .checksumSHA256(sha256.base64())
            .build();
    PresignedPutObjectRequest presigned =
        presigner.get().presignPutObject(r -> r.signatureDuration(lifetime).putObjectRequest(put));
    Map<String, String> headers = new LinkedHashMap<>();
    presigned.signedHeaders().forEach((name, values) -> headers.put(name, values.getFirst()));
    // Every HTTP client sends the URL's host by itself, and many refuse to be told.
    headers.keySet().removeIf(name -> name.equalsIgnoreCase("host"));
    return new PresignedPut(URI.create(presigned.url().toString()), headers);
  }

  @Override
  public URI presignUpload(String key, Duration lifetime) {
    PutObjectRequest put = PutObjectRequest.builder().bucket(bucket).key(key).build();
    return URI.create(
        presigner
            .get()
            .presignPutObject(r -> r.signatureDuration(lifetime).putObjectRequest(put))
            .url()
            .toString());
  }
}
