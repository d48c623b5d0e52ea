package dev.sheaf.storage.s3;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.storage.Deadline;
import dev.sheaf.storage.ObjectStore.StoredObject;
import dev.sheaf.storage.s3.direct.DirectDeletes;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.NoSuchBucketException;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** Deletes: a thousand keys a request, or one under the condition that it is as it was seen. */
final class S3Deletes {
  private static final int KEYS_PER_DELETE = 1_000;

  private final Supplier<S3Client> s3;
  private final Optional<DirectDeletes> direct;
  private final Function<String, Optional<StoredObject>> head;
  private final String bucket;

  /**
   * @param head looks at a key, for a store that takes no condition with a DELETE
   */
  S3Deletes(
      Supplier<S3Client> s3,
      Optional<DirectDeletes> direct,
      Function<String, Optional<StoredObject>> head,
      String bucket) {
    this.s3 = s3;
    this.direct = direct;
    this.head = head;
    this.bucket = bucket;
  }

  /** As the port's. */
  boolean deleteIf(String key, String etag) {
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
    Optional<StoredObject> present = head.apply(key);
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

  /** As the port's. */
  Map<String, String> delete(Collection<String> keys) {
    List<String> all = keys.stream().filter(S3Deletes::canBeXml).toList();
    Map<String, String> refused = new LinkedHashMap<>();
    for (int from = 0; from < all.size(); from += KEYS_PER_DELETE) {
      int to = Math.min(all.size(), from + KEYS_PER_DELETE);
      List<String> chunk = all.subList(from, to);
      if (Deadline.isOver() || direct.filter(deletes -> deletes.delete(chunk)).isEmpty()) {
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
}
