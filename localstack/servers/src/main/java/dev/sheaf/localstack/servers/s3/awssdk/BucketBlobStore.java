package dev.sheaf.localstack.servers.s3.awssdk;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sheaf.localstack.servers.s3.awssdk.Digests.Received;
import dev.sheaf.localstack.servers.s3.awssdk.Uploads.Upload;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.gaul.s3proxy.blobstore.BlobStore;
import org.gaul.s3proxy.blobstore.S3Exceptions;
import org.gaul.s3proxy.blobstore.domain.MultipartUpload;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.services.s3.model.BucketCannedACL;
import software.amazon.awssdk.services.s3.model.CommonPrefix;
import software.amazon.awssdk.services.s3.model.CompleteMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.CompleteMultipartUploadResponse;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.CopyObjectRequest;
import software.amazon.awssdk.services.s3.model.CopyObjectResponse;
import software.amazon.awssdk.services.s3.model.CreateBucketRequest;
import software.amazon.awssdk.services.s3.model.CreateBucketResponse;
import software.amazon.awssdk.services.s3.model.CreateMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.DeleteObjectRequest;
import software.amazon.awssdk.services.s3.model.DeleteObjectResponse;
import software.amazon.awssdk.services.s3.model.DeleteObjectsRequest;
import software.amazon.awssdk.services.s3.model.DeleteObjectsResponse;
import software.amazon.awssdk.services.s3.model.DeletedObject;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadBucketRequest;
import software.amazon.awssdk.services.s3.model.HeadBucketResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectRequest;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ListBucketsResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.MetadataDirective;
import software.amazon.awssdk.services.s3.model.ObjectCannedACL;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;
import software.amazon.awssdk.services.s3.model.Part;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.PutObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;
import software.amazon.awssdk.services.s3.model.UploadPartRequest;
import software.amazon.awssdk.services.s3.model.UploadPartResponse;

/**
 * Answers S3Proxy's calls out of {@link Buckets}. Translation only: what a bucket promises is
 * written at {@link Bucket}.
 *
 * <p>Not offered: versions, encryption settings, ACLs other than private, Expires headers.
 */
final class BucketBlobStore implements BlobStore {
  private static final int MAX_PAGE = 1000;

  private final Buckets buckets;
  private final Uploads uploads;
  private final InstantSource clock;
  private final RequestCounter counter;
  private final Consumer<ObjectCreated> listener;
  private final AtomicLong sequencer = new AtomicLong();

  BucketBlobStore(
      Buckets buckets,
      InstantSource clock,
      RequestCounter counter,
      Consumer<ObjectCreated> listener) {
    this.buckets = buckets;
    this.clock = clock;
    this.counter = counter;
    this.listener = listener;
    long start = clock.millis();
    this.uploads = new Uploads(Long.toHexString(start) + "-");
    this.sequencer.set(start << 20);
  }

  // ---- objects

  @Override
  public PutObjectResponse putBlob(PutObjectRequest request, InputStream payload) {
    counter.count(RequestCounter.PUT);
    Bucket bucket = buckets.get(request.bucket());
    Key key = key(request.key());
    return io(() -> {
      Received received =
          Digests.receive(bucket.vault(), payload, request.contentLength(), request.contentMD5());
      try (Body body = received.body()) {
        StoredObject object =
            new StoredObject(
                key, received.etag(), now(), Headers.of(request), request.metadata(), body);
        bucket.put(object, new Condition(request.ifMatch(), request.ifNoneMatch()));
        announce("ObjectCreated:Put", bucket, object);
        return PutObjectResponse.builder().eTag(object.etag()).build();
      }
    });
  }

  @Override
  public CopyObjectResponse copyBlob(CopyObjectRequest request) {
    counter.count(RequestCounter.COPY);
    Bucket from = buckets.get(request.sourceBucket());
    Bucket to = buckets.get(request.destinationBucket());
    return io(() -> {
      Bucket.Reading source =
          from.read(Key.of(request.sourceKey()), object -> wholeIfUnchanged(request, object));
      boolean replace = request.metadataDirective() == MetadataDirective.REPLACE;
      Received received = Digests.receive(to.vault(), source.bytes(), null, null);
      try (Body body = received.body()) {
        StoredObject object =
            new StoredObject(
                key(request.destinationKey()),
                received.etag(),
                now(),
                replace ? Headers.of(request) : source.object().headers(),
                replace ? request.metadata() : source.object().metadata(),
                body);
        to.put(object, Condition.NONE);
        announce("ObjectCreated:Copy", to, object);
        return CopyObjectResponse.builder()
            .copyObjectResult(r -> r.eTag(object.etag()).lastModified(object.lastModified()))
            .build();
      }
    });
  }

  private static Bucket.Range wholeIfUnchanged(CopyObjectRequest request, StoredObject source) {
    if (request.copySourceIfModifiedSince() != null
        || request.copySourceIfUnmodifiedSince() != null) {
      throw new UnsupportedOperationException("copy conditions on dates");
    }
    new Condition(request.copySourceIfMatch(), request.copySourceIfNoneMatch())
        .check(request.sourceBucket(), source.key(), source);
    return new Bucket.Range(0, source.size());
  }

  @Override
  public ResponseInputStream<GetObjectResponse> getBlob(GetObjectRequest request) {
    counter.count(RequestCounter.GET);
    Bucket bucket = buckets.get(request.bucket());
    return io(() -> {
      Bucket.Reading reading =
          bucket.read(Key.of(request.key()), object -> Ranges.of(request, object));
      Bucket.Range range = reading.range();
      var response = Headers.get(reading.object()).contentLength(range.length());
      if (request.range() != null) {
        long last = range.offset() + range.length() - 1;
        response.contentRange(
            "bytes " + range.offset() + "-" + last + "/" + reading.object().size());
      }
      return new ResponseInputStream<>(
          response.build(), AbortableInputStream.create(reading.bytes()));
    });
  }

  @Override
  public HeadObjectResponse blobMetadata(HeadObjectRequest request) {
    counter.count(RequestCounter.HEAD);
    StoredObject object = buckets.get(request.bucket()).find(Key.of(request.key()));
    if (object == null) {
      throw S3Exceptions.noSuchKey(request.bucket(), request.key(), "no such object");
    }
    return Headers.head(object).build();
  }

  /** S3Proxy asks this for itself, before a conditional write: it is no client's request. */
  @Override
  public boolean blobExists(String bucket, String key) {
    return buckets.get(bucket).find(Key.of(key)) != null;
  }

  @Override
  public DeleteObjectResponse removeBlob(DeleteObjectRequest request) {
    counter.count(RequestCounter.DELETE);
    remove(request.bucket(), request.key(), new Condition(request.ifMatch(), null));
    return DeleteObjectResponse.builder().build();
  }

  @Override
  public DeleteObjectsResponse removeBlobs(DeleteObjectsRequest request) {
    counter.count(RequestCounter.DELETE_MANY);
    List<DeletedObject> deleted = new ArrayList<>();
    for (ObjectIdentifier object : request.delete().objects()) {
      remove(request.bucket(), object.key(), Condition.NONE);
      deleted.add(DeletedObject.builder().key(object.key()).build());
    }
    return DeleteObjectsResponse.builder().deleted(deleted).build();
  }

  private void remove(String bucketName, String key, Condition condition) {
    Bucket bucket = buckets.get(bucketName);
    io(() -> {
      bucket.remove(Key.of(key), condition);
      return true;
    });
  }

  @Override
  public ListObjectsV2Response list(ListObjectsV2Request request) {
    counter.count(RequestCounter.LIST);
    Bucket bucket = buckets.get(request.bucket());
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
        .contents(page.objects().stream().map(BucketBlobStore::listed).toList())
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

  // ---- multipart uploads

  @Override
  public MultipartUpload initiateMultipartUpload(CreateMultipartUploadRequest request) {
    counter.count(RequestCounter.MULTIPART);
    Bucket bucket = buckets.get(request.bucket());
    StoredObject template =
        new StoredObject(
            key(request.key()),
            "",
            now(),
            Headers.of(request),
            request.metadata(),
            new Body.InMemory(new byte[0]));
    return new MultipartUpload(uploads.begin(bucket, template, now()).id(), request);
  }

  @Override
  public UploadPartResponse uploadMultipartPart(
      MultipartUpload mpu, UploadPartRequest request, InputStream payload) {
    counter.count(RequestCounter.MULTIPART);
    Upload upload = uploads.get(mpu.id(), mpu.blobName());
    return io(() -> {
      Received received =
          Digests.receive(
              upload.bucket().vault(), payload, request.contentLength(), request.contentMD5());
      upload.add(request.partNumber(), new Uploads.Part(received, listed(request, received)));
      return UploadPartResponse.builder().eTag(received.etag()).build();
    });
  }

  private Part listed(UploadPartRequest request, Received received) {
    return Part.builder()
        .partNumber(request.partNumber())
        .eTag(received.etag())
        .size(received.body().size())
        .checksumCRC32(request.checksumCRC32())
        .checksumCRC32C(request.checksumCRC32C())
        .checksumCRC64NVME(request.checksumCRC64NVME())
        .checksumSHA1(request.checksumSHA1())
        .checksumSHA256(request.checksumSHA256())
        .lastModified(now())
        .build();
  }

  @Override
  public CompleteMultipartUploadResponse completeMultipartUpload(
      MultipartUpload mpu, CompleteMultipartUploadRequest request) {
    counter.count(RequestCounter.MULTIPART);
    Upload upload = uploads.get(mpu.id(), mpu.blobName());
    List<Integer> parts =
        request.multipartUpload().parts().stream().map(CompletedPart::partNumber).toList();
    return io(() -> {
      StoredObject object = upload.join(parts, now());
      try (Body body = object.body()) {
        upload
            .bucket()
            .put(object.withBody(body), new Condition(request.ifMatch(), request.ifNoneMatch()));
      }
      uploads.end(upload);
      announce("ObjectCreated:CompleteMultipartUpload", upload.bucket(), object);
      return CompleteMultipartUploadResponse.builder().eTag(object.etag()).build();
    });
  }

  @Override
  public void abortMultipartUpload(MultipartUpload mpu) {
    counter.count(RequestCounter.MULTIPART);
    Upload upload = uploads.get(mpu.id(), mpu.blobName());
    io(() -> {
      uploads.end(upload);
      return true;
    });
  }

  /** Empty for an unknown upload: S3Proxy then looks whether it has been completed already. */
  @Override
  public List<Part> listMultipartUpload(MultipartUpload mpu) {
    Upload upload = uploads.find(mpu.id(), mpu.blobName());
    if (upload == null) {
      return List.of();
    }
    // S3Proxy looks at the parts before it completes an upload, when it can still refuse to.
    if (PartList.COMPLETING.isBound()) {
      upload.check(PartList.COMPLETING.get());
    }
    return upload.parts().values().stream().map(Uploads.Part::listed).toList();
  }

  @Override
  public List<software.amazon.awssdk.services.s3.model.MultipartUpload> listMultipartUploads(
      String bucket) {
    return uploads.of(buckets.get(bucket)).stream()
        .map(upload ->
            software.amazon.awssdk.services.s3.model.MultipartUpload.builder()
                .uploadId(upload.id())
                .key(upload.key().toString())
                .initiated(upload.begun())
                .build())
        .toList();
  }

  @Override
  public long getMinimumMultipartPartSize() {
    return 5 << 20;
  }

  // ---- buckets

  @Override
  public ListBucketsResponse list() {
    return ListBucketsResponse.builder()
        .buckets(
            buckets.names().stream()
                .map(name -> software.amazon.awssdk.services.s3.model.Bucket.builder().name(name))
                .map(b -> b.creationDate(Instant.EPOCH).build())
                .toList())
        .build();
  }

  @Override
  public HeadBucketResponse headBucket(HeadBucketRequest request) {
    buckets.get(request.bucket());
    return HeadBucketResponse.builder().build();
  }

  @Override
  public CreateBucketResponse createContainer(CreateBucketRequest request) {
    if (!io(() -> buckets.create(request.bucket()))) {
      throw S3Exceptions.bucketAlreadyOwnedByYou(request.bucket());
    }
    return CreateBucketResponse.builder().build();
  }

  @Override
  public void deleteBucket(String bucket) {
    io(() -> {
      buckets.delete(bucket);
      return true;
    });
  }

  @Override
  public BucketCannedACL getContainerAccess(String bucket) {
    buckets.get(bucket);
    return BucketCannedACL.PRIVATE;
  }

  @Override
  public void setContainerAccess(String bucket, BucketCannedACL access) {
    if (access != BucketCannedACL.PRIVATE) {
      throw new UnsupportedOperationException("every bucket here is private");
    }
  }

  @Override
  public ObjectCannedACL getBlobAccess(String bucket, String key) {
    if (!blobExists(bucket, key)) {
      throw S3Exceptions.noSuchKey(bucket, key, "no such object");
    }
    return ObjectCannedACL.PRIVATE;
  }

  @Override
  public void setBlobAccess(String bucket, String key, ObjectCannedACL access) {
    if (access != ObjectCannedACL.PRIVATE) {
      throw new UnsupportedOperationException("every object here is private");
    }
  }

  // ---- shared

  private void announce(String event, Bucket bucket, StoredObject object) {
    listener.accept(
        new ObjectCreated(
            event,
            bucket.name(),
            object.key().toString(),
            object.size(),
            object.etag(),
            object.lastModified(),
            sequencer.incrementAndGet()));
  }

  /** S3 keeps whole seconds; code that needs finer ones shall fail here too. */
  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.SECONDS);
  }

  private static Key key(String text) {
    Key key = Key.of(text);
    if (key.length() > Key.MAX_BYTES) {
      throw S3Exception.builder()
          .statusCode(400)
          .awsErrorDetails(
              AwsErrorDetails.builder()
                  .errorCode("KeyTooLongError")
                  .errorMessage("Your key is too long")
                  .build())
          .message("key of " + key.length() + " bytes")
          .build();
    }
    return key;
  }

  private static <T> T io(IoCall<T> call) {
    try {
      return call.run();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private interface IoCall<T> {
    T run() throws IOException;
  }
}
