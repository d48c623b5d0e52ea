package dev.sheaf.journal;

import dev.sheaf.bundle.BytesContent;
import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.journal.json.Utf8Order;
import dev.sheaf.storage.ObjectStore;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * A bucket whose stamps the test sets, which keeps a log of the requests in the words of the
 * vectors, and into which faults can be planted, before or after a request takes effect.
 */
final class FakeBucket implements ObjectStore {

  /** What an object is: its bytes and its stamp. */
  static final class Stored {
    private final byte[] body;
    private final Instant lastModified;

    Stored(byte[] body, Instant lastModified) {
      this.body = body;
      this.lastModified = lastModified;
    }

    byte[] body() {
      return body;
    }

    Instant lastModified() {
      return lastModified;
    }

    String etag() {
      try {
        byte[] md5 = MessageDigest.getInstance("MD5").digest(body);
        return "\"" + HexFormat.of().formatHex(md5) + "\"";
      } catch (NoSuchAlgorithmException e) {
        throw new AssertionError(e);
      }
    }
  }

  /** Something that happens around one request. */
  interface Fault {
    /** Throws to fail the request before it takes effect. */
    default void before() {}

    /** Throws to fail the request after it took effect. */
    default void after() {}

    /** Whether a conditional write meets a race at the store, which answers 409. */
    default boolean races() {
      return false;
    }

    /** The body that a read gets to see. */
    default InputStream body(InputStream body) {
      return body;
    }
  }

  private record Planted(String request, Fault fault) {}

  final ConcurrentSkipListMap<String, Stored> objects =
      new ConcurrentSkipListMap<>(Utf8Order.INSTANCE);
  private final List<String> log = new ArrayList<>();
  private final List<Planted> faults = new CopyOnWriteArrayList<>();
  private volatile Instant now = Instant.parse("2026-07-04T10:00:00Z");
  volatile boolean logging = true;
  volatile int pageSize = 1000;

  /** Sets the store's clock: the stamp of what is written from now on. */
  void at(Instant instant) {
    now = instant;
  }

  void at(String instant) {
    at(Instant.parse(instant));
  }

  void advance(Duration time) {
    at(now.plus(time));
  }

  Instant now() {
    return now;
  }

  /** Plants a fault into the next request whose log line begins like this, e.g. "PUT segment". */
  void next(String request, Fault fault) {
    faults.add(new Planted(request, fault));
  }

  /** The next such request fails; it has not taken effect. */
  void failNext(String request) {
    next(
        request,
        before(() -> {
          throw unavailable();
        }));
  }

  /** The next such request takes effect, but its answer is lost. */
  void loseNextAnswer(String request) {
    next(
        request,
        after(() -> {
          throw unavailable();
        }));
  }

  static Fault before(Runnable action) {
    return new Fault() {
      @Override
      public void before() {
        action.run();
      }
    };
  }

  static Fault after(Runnable action) {
    return new Fault() {
      @Override
      public void after() {
        action.run();
      }
    };
  }

  static SheafException unavailable() {
    return new SheafException(ErrorKind.UNAVAILABLE, "500 planted by the test");
  }

  /** The requests since the last call, equal neighbours merged as {@code x<n>}. */
  List<String> takeLog() {
    List<String> taken;
    synchronized (log) {
      taken = List.copyOf(log);
      log.clear();
    }
    List<String> merged = new ArrayList<>();
    for (int i = 0; i < taken.size(); ) {
      int j = i;
      while (j < taken.size() && taken.get(j).equals(taken.get(i))) {
        j++;
      }
      merged.add(j - i > 1 ? taken.get(i) + " x" + (j - i) : taken.get(i));
      i = j;
    }
    return merged;
  }

  private void record(String line) {
    if (logging) {
      synchronized (log) {
        log.add(line);
      }
    }
  }

  private @Nullable Fault fault(String request) {
    Optional<Planted> first =
        faults.stream().filter(planted -> request.startsWith(planted.request)).findFirst();
    return first.filter(faults::remove).map(Planted::fault).orElse(null);
  }

  private static void before(@Nullable Fault fault) {
    if (fault != null) {
      fault.before();
    }
  }

  private static void after(@Nullable Fault fault) {
    if (fault != null) {
      fault.after();
    }
  }

  private static String kind(String key) {
    String file = key.substring(key.lastIndexOf('/') + 1);
    return file.startsWith("segment-")
        ? "segment"
        : file.equals("rollup.json") ? "rollup" : "object";
  }

  /** The text of an object that must be there. */
  String body(String key) {
    Stored stored = objects.get(key);
    if (stored == null) {
      throw new AssertionError("no object " + key);
    }
    return new String(stored.body(), StandardCharsets.UTF_8);
  }

  /** Places an object without a request. */
  void place(String key, byte[] body, Instant lastModified) {
    objects.put(key, new Stored(body, lastModified));
  }

  @Override
  public String bucket() {
    return "vectors";
  }

  @Override
  public void requireBucket() {
    Fault fault = fault("HEAD headbucket");
    before(fault);
    record("HEAD headbucket 200");
  }

  @Override
  public PutResult put(
      String key, Content body, @Nullable ContentId sha256, Condition condition, String type) {
    String request = "PUT " + kind(key);
    Fault fault = fault(request);
    before(fault);
    Stored stored = new Stored(((BytesContent) body).bytes(), now);
    String suffix =
        switch (condition) {
          case Condition.Always() -> "";
          case Condition.IfAbsent() -> " (If-None-Match:*)";
          case Condition.IfMatch(String _) -> " (If-Match)";
        };
    boolean races = fault != null && fault.races();
    boolean held = !races && write(key, stored, condition);
    record(request + (held ? " 200" : races ? " 409" : " 412") + suffix);
    after(fault);
    return held ? new PutResult.Written(stored.etag()) : new PutResult.ConditionFailed();
  }

  private boolean write(String key, Stored stored, Condition condition) {
    return switch (condition) {
      case Condition.Always() -> {
        objects.put(key, stored);
        yield true;
      }
      case Condition.IfAbsent() -> objects.putIfAbsent(key, stored) == null;
      case Condition.IfMatch(String etag) -> replace(key, etag, stored);
    };
  }

  private boolean replace(String key, String etag, Stored stored) {
    Stored before = objects.get(key);
    return before != null && before.etag().equals(etag) && objects.replace(key, before, stored);
  }

  @Override
  public Optional<Download> get(String key, Read read) {
    String request = "GET " + kind(key);
    Fault fault = fault(request);
    before(fault);
    Stored stored = objects.get(key);
    String suffix = read.unlessEtag() == null ? "" : " (If-None-Match)";
    if (stored == null) {
      record(request + " 404" + suffix);
      after(fault);
      return Optional.empty();
    }
    boolean same = stored.etag().equals(read.unlessEtag());
    record(request + (same ? " 304" : " 200") + suffix);
    after(fault);
    InputStream whole = new ByteArrayInputStream(same ? new byte[0] : stored.body());
    InputStream body = fault == null ? whole : fault.body(whole);
    return Optional.of(new Download(describe(key, stored), body, same));
  }

  private static StoredObject describe(String key, Stored stored) {
    return new StoredObject(key, stored.body().length, stored.etag(), stored.lastModified(), null);
  }

  @Override
  public Optional<StoredObject> head(String key) {
    return Optional.ofNullable(objects.get(key)).map(stored -> describe(key, stored));
  }

  @Override
  public Page list(String prefix, @Nullable String delimiter, @Nullable String continuation) {
    Fault fault = fault("GET list");
    before(fault);
    List<StoredObject> page = new ArrayList<>();
    List<String> prefixes = new ArrayList<>();
    String from = continuation == null ? prefix : continuation + "\0";
    Iterator<Map.Entry<String, Stored>> entries = objects.tailMap(from, true).entrySet().iterator();
    String next = null;
    while (entries.hasNext() && next == null) {
      Map.Entry<String, Stored> entry = entries.next();
      String key = entry.getKey();
      if (!key.startsWith(prefix)) {
        break;
      }
      int cut = delimiter == null ? -1 : key.indexOf(delimiter, prefix.length());
      if (cut >= 0) {
        String common = key.substring(0, cut + 1);
        if (!prefixes.contains(common)) {
          prefixes.add(common);
        }
      } else {
        page.add(describe(key, entry.getValue()));
      }
      if (page.size() == pageSize && entries.hasNext()) {
        next = key;
      }
    }
    if (next != null
        && objects.tailMap(next, false).keySet().stream().noneMatch(k -> k.startsWith(prefix))) {
      next = null;
    }
    record("GET list 200");
    after(fault);
    return new Page(page, prefixes, next);
  }

  @Override
  public Page listAfter(String prefix, String startAfter) {
    throw new UnsupportedOperationException("a journal lists no ranges");
  }

  @Override
  public boolean deleteIf(String key, String etag) {
    throw new UnsupportedOperationException("a journal deletes what it has folded");
  }

  @Override
  public Map<String, String> delete(Collection<String> keys) {
    Fault fault = fault("POST multidelete");
    before(fault);
    keys.forEach(objects::remove);
    record("POST multidelete(" + keys.size() + ") 200");
    after(fault);
    return Map.of();
  }

  @Override
  public URI presignGet(String key, Duration lifetime) {
    throw new UnsupportedOperationException("a journal presigns nothing");
  }

  @Override
  public PresignedPut presignPut(String key, ContentId sha256, long size, Duration lifetime) {
    throw new UnsupportedOperationException("a journal presigns nothing");
  }

  @Override
  public URI presignUpload(String key, Duration lifetime) {
    throw new UnsupportedOperationException("a journal presigns nothing");
  }
}
