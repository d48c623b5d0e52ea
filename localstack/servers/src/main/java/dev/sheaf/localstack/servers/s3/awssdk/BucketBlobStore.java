package dev.sheaf.localstack.servers.s3.awssdk;

import static dev.sheaf.localstack.servers.s3.awssdk.UncheckedIo.io;

import dev.sheaf.localstack.servers.s3.awssdk.Digests.Received;
import java.io.InputStream;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.gaul.s3proxy.blobstore.BlobStore;
import org.gaul.s3proxy.blobstore.S3Exceptions;
import org.gaul.s3proxy.blobstore.domain.MultipartUpload;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.services.s3.model.BucketCannedACL;
import software.amazon.awssdk.services.s3.model.CompleteMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.CompleteMultipartUploadResponse;
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
import software.amazon.awssdk.services.s3.model.UploadPartRequest;
import software.amazon.awssdk.services.s3.model.UploadPartResponse;

/**
 * Answers S3Proxy's calls out of {@link Buckets}. Translation only: what a bucket promises is
 * written at {@link Bucket}.
 *
 * <p>Not offered: versions, encryption settings, ACLs other than private, Expires headers.
 */
final class BucketBlobStore implements BlobStore {
  private final Buckets buckets;
  private final InstantSource clock;
  private final RequestCounter counter;
  private final Announcements announcements;
  private final MultipartCalls multipart;

  BucketBlobStore(
      Buckets buckets,
      InstantSource clock,
      RequestCounter counter,
      Consumer<ObjectCreated> listener) {
    this.buckets = buckets;
    // S3 keeps whole seconds; code that needs finer ones shall fail here too.
    this.clock = () -> clock.instant().truncatedTo(ChronoUnit.SECONDS);
    this.counter = counter;
    long start = clock.millis();
    this.announcements = new Announcements(listener, start);
    Uploads uploads = new Uploads(Long.toHexString(start) + "-");
    this.multipart = new MultipartCalls(buckets, uploads, this.clock, announcements);
  }

  // ---- objects

  @Override
  public PutObjectResponse putBlob(PutObjectRequest request, InputStream payload) {
    counter.count(RequestCounter.PUT);
    Bucket bucket = buckets.get(request.bucket());
    Key key = Key.ofNew(request.key());
    return io(() -> {
      Received received =
          Digests.receive(bucket.vault(), payload, request.contentLength(), request.contentMD5());
      try (Body body = received.body()) {
        StoredObject object =
            new StoredObject(
                key,
                received.etag(),
                clock.instant(),
                Headers.of(request),
                request.metadata(),
                body);
        bucket.put(object, new Condition(request.ifMatch(), request.ifNoneMatch()));
        announcements.announce("ObjectCreated:Put", bucket, object);
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
                Key.ofNew(request.destinationKey()),
                received.etag(),
                clock.instant(),
                replace ? Headers.of(request) : source.object().headers(),
                replace ? request.metadata() : source.object().metadata(),
                body);
        to.put(object, Condition.NONE);
        announcements.announce("ObjectCreated:Copy", to, object);
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
    return ListAnswer.of(buckets.get(request.bucket()), request);
  }

  // ---- multipart uploads

  @Override
  public MultipartUpload initiateMultipartUpload(CreateMultipartUploadRequest request) {
    counter.count(RequestCounter.MULTIPART);
    return multipart.begin(request);
  }

  @Override
  public UploadPartResponse uploadMultipartPart(
      MultipartUpload mpu, UploadPartRequest request, InputStream payload) {
    counter.count(RequestCounter.MULTIPART);
    return multipart.add(mpu, request, payload);
  }

  @Override
  public CompleteMultipartUploadResponse completeMultipartUpload(
      MultipartUpload mpu, CompleteMultipartUploadRequest request) {
    counter.count(RequestCounter.MULTIPART);
    return multipart.complete(mpu, request);
  }

  @Override
  public void abortMultipartUpload(MultipartUpload mpu) {
    counter.count(RequestCounter.MULTIPART);
    multipart.abort(mpu);
  }

  @Override
  public List<Part> listMultipartUpload(MultipartUpload mpu) {
    return multipart.parts(mpu);
  }

  @Override
  public List<software.amazon.awssdk.services.s3.model.MultipartUpload> listMultipartUploads(
      String bucket) {
    return multipart.underWay(bucket);
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
}
