package dev.sheaf.localstack.servers.s3.awssdk;

import java.io.IOException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import org.gaul.s3proxy.S3ErrorCode;
import org.gaul.s3proxy.S3ProxyException;
import org.gaul.s3proxy.checksum.FlexChecksum;
import org.jspecify.annotations.Nullable;

/**
 * The multipart uploads under way. They live in memory, with their parts in the bucket's vault: a
 * restart forgets them, and a client that asks for one then is told NoSuchUpload and starts again.
 */
final class Uploads {
  private final Map<String, Upload> byId = new ConcurrentHashMap<>();
  private final AtomicLong serial = new AtomicLong();
  private final String prefix;

  /**
   * @param prefix keeps ids of this run apart from those of the run before
   */
  Uploads(String prefix) {
    this.prefix = prefix;
  }

  /** Begins an upload; the template says what the finished object shall be called and carry. */
  Upload begin(Bucket bucket, StoredObject template, Instant now) {
    Upload upload = new Upload(prefix + serial.incrementAndGet(), bucket, template, now);
    byId.put(upload.id, upload);
    return upload;
  }

  @Nullable Upload find(String id, String key) {
    Upload upload = byId.get(id);
    return upload != null && upload.template.key().equals(Key.of(key)) ? upload : null;
  }

  /** The upload, or S3's 404. */
  Upload get(String id, String key) {
    Upload upload = find(id, key);
    if (upload == null) {
      throw new S3ProxyException(S3ErrorCode.NO_SUCH_UPLOAD);
    }
    return upload;
  }

  List<Upload> of(Bucket bucket) {
    return byId.values().stream().filter(upload -> upload.bucket == bucket).toList();
  }

  /** Forgets an upload and gives up its parts. */
  void end(Upload upload) throws IOException {
    byId.remove(upload.id);
    for (Part part : upload.parts.values()) {
      part.received.body().close();
    }
  }

  /**
   * A part.
   *
   * @param listed as listings show it, with the checksum that came with it and has been verified
   */
  record Part(Digests.Received received, software.amazon.awssdk.services.s3.model.Part listed) {
    @Nullable String sha256() {
      return listed.checksumSHA256();
    }

    /** Whether a client that completes the upload names a checksum that is not the part's. */
    boolean contradicts(PartList.Claim claim) {
      Map<String, Optional<String>> verified =
          Map.of(
              "ChecksumCRC32", Optional.ofNullable(listed.checksumCRC32()),
              "ChecksumCRC32C", Optional.ofNullable(listed.checksumCRC32C()),
              "ChecksumCRC64NVME", Optional.ofNullable(listed.checksumCRC64NVME()),
              "ChecksumSHA1", Optional.ofNullable(listed.checksumSHA1()),
              "ChecksumSHA256", Optional.ofNullable(listed.checksumSHA256()));
      return claim.checksums().entrySet().stream()
          .anyMatch(claimed ->
              !verified
                  .getOrDefault(claimed.getKey(), Optional.empty())
                  .equals(Optional.of(claimed.getValue())));
    }
  }

  /** An upload and the parts that have arrived. */
  static final class Upload {
    private final String id;
    private final Bucket bucket;
    private final StoredObject template;
    private final Instant begun;
    private final NavigableMap<Integer, Part> parts = new ConcurrentSkipListMap<>();

    private Upload(String id, Bucket bucket, StoredObject template, Instant begun) {
      this.id = id;
      this.bucket = bucket;
      this.template = template;
      this.begun = begun;
    }

    String id() {
      return id;
    }

    Bucket bucket() {
      return bucket;
    }

    Key key() {
      return template.key();
    }

    Instant begun() {
      return begun;
    }

    NavigableMap<Integer, Part> parts() {
      return parts;
    }

    /** Takes a part in; one with the same number before it is replaced. */
    void add(int number, Part part) throws IOException {
      Part before = parts.put(number, part);
      if (before != null) {
        before.received().body().close();
      }
    }

    /** Refuses what a client says of parts that are not so, before the upload is completed. */
    void check(PartList claimed) {
      for (PartList.Claim claim : claimed.parts()) {
        Part part = parts.get((int) claim.number());
        if (part != null && part.contradicts(claim)) {
          throw new S3ProxyException(S3ErrorCode.INVALID_PART);
        }
      }
    }

    /** The finished object of the chosen parts; the caller publishes it. */
    StoredObject join(List<Integer> numbers, Instant now) throws IOException {
      List<Body> bodies = new ArrayList<>();
      MessageDigest md5OfMd5s = Digests.md5();
      for (int number : numbers) {
        Part part = parts.get(number);
        if (part == null) {
          throw new S3ProxyException(S3ErrorCode.INVALID_PART);
        }
        bodies.add(part.received().body());
        md5OfMd5s.update(part.received().md5());
      }
      String etag = HexFormat.of().formatHex(md5OfMd5s.digest()) + "-" + numbers.size();
      Map<String, String> metadata = new java.util.HashMap<>(template.metadata());
      String composite = compositeSha256(numbers);
      if (composite != null) {
        metadata.put(FlexChecksum.SHA256.metadataKey(), composite);
      }
      return new StoredObject(
          key(), etag, now, template.headers(), metadata, bucket.vault().join(bodies));
    }

    /** S3's checksum of checksums; null unless every part came with one. */
    private @Nullable String compositeSha256(List<Integer> numbers) {
      var digest = FlexChecksum.SHA256.newChecksum();
      for (int number : numbers) {
        Part part = parts.get(number);
        if (part == null || part.sha256() == null) {
          return null;
        }
        byte[] sha256 = Base64.getDecoder().decode(part.sha256());
        digest.update(sha256, 0, sha256.length);
      }
      return Base64.getEncoder().encodeToString(digest.getChecksumBytes()) + "-" + numbers.size();
    }
  }
}
