package dev.sheaf.testing;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.storage.ObjectStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A bucket in memory, stricter than reality. Conditional writes are exact, keys are in UTF-8 order,
 * stamps have whole seconds, and the test fails with an {@link AssertionError}, even where nobody
 * looks, when
 *
 * <ul>
 *   <li>an object under {@code objects/} is written without its id as checksum, or would change,
 *   <li>a ranged read reaches behind the end of its object (see {@link #allowShortReads}).
 * </ul>
 */
public final class InMemoryObjectStore implements ObjectStore {
  private static final Comparator<String> UTF_8_ORDER =
      (a, b) ->
          Arrays.compareUnsigned(
              a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));

  private final NavigableMap<String, StoredBytes> objects = new TreeMap<>(UTF_8_ORDER);
  private final PresignedUrls urls = new PresignedUrls(this);
  private final InstantSource clock;
  private int pageSize = 1_000;
  private boolean shortReads;

  /** An empty bucket whose stamps come from this clock. */
  public InMemoryObjectStore(InstantSource clock) {
    this.clock = clock;
  }

  /** An empty bucket in which it is always the same second. */
  public InMemoryObjectStore() {
    this(new ManualClock());
  }

  /** Lists in pages of this many entries. */
  public InMemoryObjectStore withPageSize(int entries) {
    pageSize = entries;
    return this;
  }

  /** Accepts ranges that reach behind the end of their object, as S3 does. */
  public InMemoryObjectStore allowShortReads() {
    shortReads = true;
    return this;
  }

  /** Every key, in order. */
  public synchronized List<String> keys() {
    return List.copyOf(objects.keySet());
  }

  /** The bytes under a key that must exist. */
  public synchronized byte[] bytes(String key) {
    StoredBytes object = objects.get(key);
    if (object == null) {
      throw new AssertionError(
          "nothing is stored under " + key + "; there are " + objects.keySet());
    }
    return object.bytes().clone();
  }

  /** Puts bytes under a key past all rules: damage, or somebody else's upload. */
  public synchronized void plant(String key, byte[] bytes) {
    objects.put(key, StoredBytes.of(key, bytes.clone(), stamp(), null));
  }

  /** What a client does with {@link #presignPut}: uploads, and gets the HTTP status. */
  public int upload(URI url, Map<String, String> headers, byte[] body) {
    return urls.upload(url, headers, body, clock.instant());
  }

  /** What a client does with {@link #presignGet}; empty for 403 and 404. */
  public Optional<byte[]> download(URI url) {
    return urls.download(url, clock.instant());
  }

  @Override
  public String bucket() {
    return "memory";
  }

  @Override
  public void requireBucket() {}

  @Override
  public synchronized PutResult put(
      String key,
      Content body,
      @Nullable ContentId sha256,
      Condition condition,
      String contentType) {
    byte[] bytes = read(body);
    if (sha256 != null && !StoredBytes.sha256(bytes).equals(sha256)) {
      throw new SheafException(
          ErrorKind.INVALID, "BadDigest: the bytes for " + key + " do not match " + sha256);
    }
    StoredBytes present = objects.get(key);
    requireImmutable(key, bytes, sha256, present);
    if (!holds(condition, key, present)) {
      return new PutResult.ConditionFailed();
    }
    StoredBytes written = StoredBytes.of(key, bytes, stamp(), sha256);
    objects.put(key, written);
    return new PutResult.Written(written.etag());
  }

  private static boolean holds(Condition condition, String key, @Nullable StoredBytes present) {
    return switch (condition) {
      case Condition.Always() -> true;
      case Condition.IfAbsent() -> present == null;
      case Condition.IfMatch(String etag) -> {
        if (present == null) {
          throw new SheafException(ErrorKind.NOT_FOUND, "If-Match on " + key + ": nothing there");
        }
        yield present.etag().equals(etag);
      }
    };
  }

  private static void requireImmutable(
      String key, byte[] bytes, @Nullable ContentId sha256, @Nullable StoredBytes present) {
    if (!key.startsWith(ObjectKeys.OBJECTS)) {
      return;
    }
    if (sha256 == null || !key.equals(ObjectKeys.object(sha256))) {
      throw new AssertionError(key + " is written without its id as checksum, but " + sha256);
    }
    if (present != null && !Arrays.equals(present.bytes(), bytes)) {
      throw new AssertionError(key + " holds other bytes already");
    }
  }

  @Override
  public synchronized Optional<Download> get(String key, Read read) {
    StoredBytes object = objects.get(key);
    if (object == null) {
      return Optional.empty();
    }
    if (object.etag().equals(read.unlessEtag())) {
      StoredObject facts = new StoredObject(key, -1, object.etag(), object.stamp(), null);
      return Optional.of(new Download(facts, InputStream.nullInputStream(), true));
    }
    boolean whole = read.offset() == 0 && read.length() < 0;
    return Optional.of(
        new Download(
            whole ? object.facts() : object.factsWithoutChecksum(),
            new ByteArrayInputStream(whole ? object.bytes() : part(object, read)),
            false));
  }

  private byte[] part(StoredBytes object, Read read) {
    int size = object.bytes().length;
    if (read.offset() >= size) {
      throw new SheafException(
          ErrorKind.INVALID, read + " begins behind the end of " + object.key() + " at " + size);
    }
    long end = read.length() < 0 ? size : read.offset() + read.length();
    if (end > size && !shortReads) {
      throw new AssertionError(read + " reaches behind the end of " + object.key() + " at " + size);
    }
    return Arrays.copyOfRange(object.bytes(), (int) read.offset(), (int) Math.min(end, size));
  }

  @Override
  public synchronized Optional<StoredObject> head(String key) {
    return Optional.ofNullable(objects.get(key)).map(StoredBytes::facts);
  }

  @Override
  public synchronized Page list(
      String prefix, @Nullable String delimiter, @Nullable String continuation) {
    return new KeyListing(prefix, delimiter, pageSize).page(objects, continuation);
  }

  @Override
  public synchronized Page listAfter(String prefix, String startAfter) {
    return new KeyListing(prefix, null, pageSize).page(objects, startAfter);
  }

  @Override
  public synchronized boolean deleteIf(String key, String etag) {
    StoredBytes present = objects.get(key);
    if (present != null && !present.etag().equals(etag)) {
      return false;
    }
    objects.remove(key);
    return true;
  }

  @Override
  public synchronized Map<String, String> delete(Collection<String> keys) {
    keys.forEach(objects::remove);
    return Map.of();
  }

  @Override
  public URI presignGet(String key, Duration lifetime) {
    return urls.get(bucket(), key, clock.instant().plus(lifetime));
  }

  @Override
  public PresignedPut presignPut(String key, ContentId sha256, long size, Duration lifetime) {
    return urls.put(bucket(), key, sha256, size, clock.instant().plus(lifetime));
  }

  @Override
  public URI presignUpload(String key, Duration lifetime) {
    return urls.upload(bucket(), key, clock.instant().plus(lifetime));
  }

  private Instant stamp() {
    return clock.instant().truncatedTo(ChronoUnit.SECONDS);
  }

  private static byte[] read(Content body) {
    try (InputStream in = body.open()) {
      byte[] bytes = in.readAllBytes();
      if (bytes.length != body.size()) {
        throw new AssertionError("announced " + body.size() + " bytes, sent " + bytes.length);
      }
      return bytes;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
