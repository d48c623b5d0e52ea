package dev.sheaf.localstack.servers.s3.awssdk;

import static dev.sheaf.localstack.servers.s3.awssdk.UncheckedIo.io;

import dev.sheaf.localstack.servers.s3.awssdk.Digests.Received;
import dev.sheaf.localstack.servers.s3.awssdk.Uploads.Upload;
import java.io.InputStream;
import java.time.InstantSource;
import java.util.List;
import org.gaul.s3proxy.blobstore.domain.MultipartUpload;
import software.amazon.awssdk.services.s3.model.CompleteMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.CompleteMultipartUploadResponse;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.CreateMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.Part;
import software.amazon.awssdk.services.s3.model.UploadPartRequest;
import software.amazon.awssdk.services.s3.model.UploadPartResponse;

/** Answers S3Proxy's calls about multipart uploads. */
final class MultipartCalls {
  private final Buckets buckets;
  private final Uploads uploads;
  private final InstantSource clock;
  private final Announcements announcements;

  /**
   * @param uploads those under way
   * @param clock of whole seconds
   */
  MultipartCalls(
      Buckets buckets, Uploads uploads, InstantSource clock, Announcements announcements) {
    this.buckets = buckets;
    this.uploads = uploads;
    this.clock = clock;
    this.announcements = announcements;
  }

  MultipartUpload begin(CreateMultipartUploadRequest request) {
    Bucket bucket = buckets.get(request.bucket());
    StoredObject template =
        new StoredObject(
            Key.ofNew(request.key()),
            "",
            clock.instant(),
            Headers.of(request),
            request.metadata(),
            new Body.InMemory(new byte[0]));
    return new MultipartUpload(uploads.begin(bucket, template, clock.instant()).id(), request);
  }

  UploadPartResponse add(MultipartUpload mpu, UploadPartRequest request, InputStream payload) {
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
        .lastModified(clock.instant())
        .build();
  }

  CompleteMultipartUploadResponse complete(
      MultipartUpload mpu, CompleteMultipartUploadRequest request) {
    Upload upload = uploads.get(mpu.id(), mpu.blobName());
    List<Integer> parts =
        request.multipartUpload().parts().stream().map(CompletedPart::partNumber).toList();
    return io(() -> {
      StoredObject object = upload.join(parts, clock.instant());
      try (Body body = object.body()) {
        upload
            .bucket()
            .put(object.withBody(body), new Condition(request.ifMatch(), request.ifNoneMatch()));
      }
      uploads.end(upload);
      announcements.announce("ObjectCreated:CompleteMultipartUpload", upload.bucket(), object);
      return CompleteMultipartUploadResponse.builder().eTag(object.etag()).build();
    });
  }

  void abort(MultipartUpload mpu) {
    Upload upload = uploads.get(mpu.id(), mpu.blobName());
    io(() -> {
      uploads.end(upload);
      return true;
    });
  }

  /** Empty for an unknown upload: S3Proxy then looks whether it has been completed already. */
  List<Part> parts(MultipartUpload mpu) {
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

  List<software.amazon.awssdk.services.s3.model.MultipartUpload> underWay(String bucket) {
    return uploads.of(buckets.get(bucket)).stream()
        .map(upload ->
            software.amazon.awssdk.services.s3.model.MultipartUpload.builder()
                .uploadId(upload.id())
                .key(upload.key().toString())
                .initiated(upload.begun())
                .build())
        .toList();
  }
}
