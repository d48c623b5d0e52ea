package dev.sheaf.storage.s3;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.storage.ObjectStore.PresignedPut;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;
import software.amazon.awssdk.services.s3.presigner.model.PresignedPutObjectRequest;

/** URLs with which somebody without credentials may make one request. */
final class S3Presigns {
  private final Supplier<S3Presigner> presigner;
  private final String bucket;

  S3Presigns(Supplier<S3Presigner> presigner, String bucket) {
    this.presigner = presigner;
    this.bucket = bucket;
  }

  /** As the port's. */
  URI get(String key, Duration lifetime) {
    return URI.create(
        presigner
            .get()
            .presignGetObject(
                r -> r.signatureDuration(lifetime).getObjectRequest(g -> g.bucket(bucket).key(key)))
            .url()
            .toString());
  }

  /** As the port's. */
  PresignedPut put(String key, ContentId sha256, long size, Duration lifetime) {
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

  /** As the port's. */
  URI upload(String key, Duration lifetime) {
    PutObjectRequest put = PutObjectRequest.builder().bucket(bucket).key(key).build();
    return URI.create(
        presigner
            .get()
            .presignPutObject(r -> r.signatureDuration(lifetime).putObjectRequest(put))
            .url()
            .toString());
  }
}
