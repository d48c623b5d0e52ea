package dev.sheaf.storage.s3;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
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
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.ChecksumMode;
import software.amazon.awssdk.services.s3.model.CommonPrefix;
import software.amazon.awssdk.services.s3.model.EncodingType;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.NoSuchBucketException;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;

/**
 * {@link ObjectStore} on the AWS SDK; objects in memory, listings and deletions take a shorter way
 * first ({@link DirectPuts}, {@link DirectGets}, {@link DirectLists}, {@link DirectDeletes}).
 *
 * <p>Every body travels in one PUT, whatever its size (S3 takes 5 GiB, which is also the limit of
 * an object), from memory or straight from its file. No multipart uploads: S3 checks a SHA-256 of
 * the whole only on a single PUT, and that check is what proves an object.
 *
 * <p>Retries are the SDK's.
 */
public final class S3ObjectStore implements ObjectStore {
  private static final String CHECKSUM_MODE = "x-amz-checksum-mode";

  private final Supplier<S3Client> s3;
  private final Optional<DirectGets> directGets;
  private final Optional<DirectLists> directLists;
  private final Optional<DirectHeads> directHeads;
  private final S3Puts puts;
  private final S3Deletes deletes;
  private final S3Presigns presigns;
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
    this.directGets = direct.map(DirectGets::new);
    this.directLists = direct.map(DirectLists::new);
    this.directHeads = direct.map(DirectHeads::new);
    this.bucket = bucket;
    this.puts = new S3Puts(this.s3, direct.map(DirectPuts::new), bucket);
    this.deletes = new S3Deletes(this.s3, direct.map(DirectDeletes::new), this::head, bucket);
    this.presigns = new S3Presigns(new Once<>(presigner), bucket);
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
  public Optional<Download> getIntoMemory(String key, @Nullable String unlessEtag) {
    Optional<DirectGets.Settled> settled =
        Deadline.isOver()
            ? Optional.empty()
            : directGets.flatMap(gets -> gets.get(key, unlessEtag));
    return settled.isPresent()
        ? settled.get().download()
        : ObjectStore.super.getIntoMemory(key, unlessEtag);
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
  public PutResult put(
      String key,
      Content body,
      @Nullable ContentId sha256,
      Condition condition,
      String contentType) {
    return puts.put(key, body, sha256, condition, contentType);
  }

  @Override
  public boolean deleteIf(String key, String etag) {
    return deletes.deleteIf(key, etag);
  }

  @Override
  public Map<String, String> delete(Collection<String> keys) {
    return deletes.delete(keys);
  }

  @Override
  public URI presignGet(String key, Duration lifetime) {
    return presigns.get(key, lifetime);
  }

  @Override
  public PresignedPut presignPut(String key, ContentId sha256, long size, Duration lifetime) {
    return presigns.put(key, sha256, size, lifetime);
  }

  @Override
  public URI presignUpload(String key, Duration lifetime) {
    return presigns.upload(key, lifetime);
  }
}
