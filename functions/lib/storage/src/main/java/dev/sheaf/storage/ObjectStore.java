package dev.sheaf.storage;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One bucket of an S3-compatible store.
 *
 * <p>Reads and listings see every write that returned before they began (S3's strong consistency).
 * Keys are ordered by their UTF-8 bytes. ETags are opaque texts, kept with their quotes as S3 sends
 * them.
 *
 * <p>Failures are {@link dev.sheaf.bundle.SheafException}s: {@code INVALID} for a body that does
 * not match its checksum (nothing is stored then), {@code SITE} for a bucket that does not exist, a
 * missing permission and whatever else an operator has to mend, {@code UNAVAILABLE} for everything
 * that may succeed later. After {@code UNAVAILABLE} the outcome of a write is unknown. The adapter
 * retries by itself; callers add no second loop.
 *
 * <p>Under a {@link Deadline} every call ends when that passes, and so does the reading of a body
 * that was opened under it; nothing is in flight then. An interrupt of the calling thread ends a
 * call too.
 *
 * <p>Please keep this surface small: a method belongs here only when S3 offers it as one request
 * (or, for large bodies, one multipart upload).
 */
public interface ObjectStore {
  /** The bucket's name, as in {@code s3://<bucket>/<key>}. */
  String bucket();

  /**
   * Makes sure that the bucket exists and may be used: one HEAD.
   *
   * @throws dev.sheaf.bundle.SheafException {@code SITE} or {@code UNAVAILABLE}
   */
  void requireBucket();

  /**
   * Writes an object, whole or not at all.
   *
   * <p>{@link Condition.IfMatch} on a key that holds nothing is {@code NOT_FOUND}. An object that
   * has a checksum and is written {@code IF_ABSENT} is taken to be named by its content: {@link
   * PutResult.ConditionFailed} then proves that it is there. For every other conditional write, a
   * condition that fails at a retry is {@code UNAVAILABLE}: the first attempt may have landed.
   *
   * @param sha256 sent as {@code x-amz-checksum-sha256}: the store refuses other bytes and keeps
   *     the checksum; null sends none
   */
  PutResult put(
      String key,
      Content body,
      @Nullable ContentId sha256,
      Condition condition,
      String contentType);

  /** Reads an object or a part of it; empty when there is none under the key. */
  Optional<Download> get(String key, Read read);

  /**
   * Reads a whole object that the caller will hold in memory: a store may have a shorter way to it,
   * on which the checksum is not told.
   *
   * @param unlessEtag answer {@link Download#notModified} when the object still has this ETag; null
   *     reads it in any case
   */
  default Optional<Download> getIntoMemory(String key, @Nullable String unlessEtag) {
    return get(key, unlessEtag == null ? Read.WHOLE : Read.unless(unlessEtag));
  }

  /** The facts of an object without its bytes; empty when there is none under the key. */
  Optional<StoredObject> head(String key);

  /**
   * One page of a listing in key order.
   *
   * @param delimiter null lists everything below the prefix; {@code "/"} also folds deeper keys
   *     into {@link Page#commonPrefixes}
   * @param continuation {@link Page#next} of the page before, or null for the first
   */
  Page list(String prefix, @Nullable String delimiter, @Nullable String continuation);

  /**
   * One page of the keys below a prefix that come after a key, whether that exists or not: where a
   * listing is split into ranges that are read side by side.
   *
   * @param startAfter may lie before the prefix: then it is the first page of all
   * @return a page whose {@link Page#next} goes on by {@link #list} without a delimiter
   */
  Page listAfter(String prefix, String startAfter);

  /**
   * Deletes an object if it still has this ETag ({@code If-Match}): what was written since whoever
   * deletes has looked stays. A store that does not take the condition is asked for the ETag
   * directly before.
   *
   * @return whether nothing is under the key now; false when another object is, which stays
   */
  boolean deleteIf(String key, String etag);

  /**
   * Deletes keys, one request per 1,000 of them, none for none; keys that do not exist count as
   * deleted.
   *
   * @return the keys that the store refused to delete, with its reason
   */
  Map<String, String> delete(Collection<String> keys);

  /** A URL that reads one key until it expires. No request is made. */
  URI presignGet(String key, Duration lifetime);

  /**
   * A PUT to one key of exactly these bytes: length and checksum are signed, so the store refuses
   * any others. No request is made.
   */
  PresignedPut presignPut(String key, ContentId sha256, long size, Duration lifetime);

  /**
   * A URL to which whoever knows it may PUT any bytes under one key until it expires, with whatever
   * headers its client sends by itself. Nothing vouches for such an object: whoever reads it proves
   * what it is. No request is made.
   */
  URI presignUpload(String key, Duration lifetime);

  /** What must hold for a write to take place. */
  sealed interface Condition {
    /** Write in any case. */
    record Always() implements Condition {}

    /** Write only where no object is ({@code If-None-Match: *}). */
    record IfAbsent() implements Condition {}

    /** Write only over the object with this ETag ({@code If-Match}). */
    record IfMatch(String etag) implements Condition {}

    Condition ALWAYS = new Always();
    Condition IF_ABSENT = new IfAbsent();
  }

  /** How a conditional write ended. */
  sealed interface PutResult {
    /** Written; the object has this ETag now. */
    record Written(String etag) implements PutResult {}

    /** The condition did not hold (412, or 409 for a race at the store): nothing was written. */
    record ConditionFailed() implements PutResult {}
  }

  /**
   * What to read.
   *
   * @param offset first byte; behind the object's end (an empty one's begin included) is {@code
   *     INVALID}, except 0 in a read of the whole
   * @param length number of bytes, at least 1, or -1 for all that follow
   * @param unlessEtag answer {@link Download#notModified} when the object still has this ETag
   */
  record Read(long offset, long length, @Nullable String unlessEtag) {
    public Read {
      if (offset < 0 || length == 0 || length < -1) {
        throw new IllegalArgumentException("cannot read " + length + " bytes from " + offset);
      }
    }

    /** The whole object. */
    public static final Read WHOLE = new Read(0, -1, null);

    /** A part of the object; shorter when the object ends before. */
    public static Read range(long offset, long length) {
      return new Read(offset, length, null);
    }

    /** The whole object unless it still has this ETag. */
    public static Read unless(String etag) {
      return new Read(0, -1, etag);
    }
  }

  /**
   * An open read: close it.
   *
   * @param object the facts of the whole object, also on a ranged read, which has no checksum; when
   *     not modified only key, ETag and stamp are known and the size is -1
   * @param body the bytes asked for; a connection that breaks surfaces as an IOException, never as
   *     a short body
   * @param notModified the object still has {@link Read#unlessEtag}; the body is empty then
   */
  record Download(StoredObject object, InputStream body, boolean notModified)
      implements AutoCloseable {
    @Override
    public void close() {
      try {
        body.close();
      } catch (java.io.IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }
  }

  /**
   * The facts of an object.
   *
   * @param size length in bytes
   * @param lastModified the store's stamp as precise as it sends it: whole seconds on S3 itself
   * @param sha256 the checksum that the store verified and kept, when it was sent as a full-object
   *     checksum; always null in listings
   */
  record StoredObject(
      String key, long size, String etag, Instant lastModified, @Nullable ContentId sha256) {}

  /**
   * One page of a listing, at most 1,000 entries.
   *
   * @param next continuation of the next page, or null when this is the last
   */
  record Page(List<StoredObject> objects, List<String> commonPrefixes, @Nullable String next) {
    public Page {
      objects = List.copyOf(objects);
      commonPrefixes = List.copyOf(commonPrefixes);
    }
  }

  /**
   * An upload that somebody without credentials may make.
   *
   * @param headers headers that the uploader must send exactly so
   */
  record PresignedPut(URI url, Map<String, String> headers) {
    public PresignedPut {
      headers = Map.copyOf(headers);
    }
  }
}
