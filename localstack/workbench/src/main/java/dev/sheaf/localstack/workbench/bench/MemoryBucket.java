package dev.sheaf.localstack.workbench.bench;

import dev.sheaf.bundle.BytesContent;
import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.storage.ObjectStore;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The least that a journal needs of a store, in memory: so that the journal is what is measured.
 */
final class MemoryBucket implements ObjectStore {
  private static final int PAGE = 1000;

  private final InstantSource clock;
  private final ConcurrentSkipListMap<String, Entry> entries = new ConcurrentSkipListMap<>();
  private final AtomicLong version = new AtomicLong();

  private record Entry(BytesContent body, String etag, Instant stamp) {
    StoredObject describe(String key) {
      return new StoredObject(key, body.size(), etag, stamp, null);
    }
  }

  MemoryBucket(InstantSource clock) {
    this.clock = clock;
  }

  @Override
  public String bucket() {
    return "memory";
  }

  @Override
  public void requireBucket() {}

  @Override
  public PutResult put(
      String key, Content body, @Nullable ContentId sha256, Condition condition, String type) {
    String etag = "\"" + version.incrementAndGet() + "\"";
    Entry entry = new Entry((BytesContent) body, etag, clock.instant());
    boolean written =
        switch (condition) {
          case Condition.Always() -> {
            entries.put(key, entry);
            yield true;
          }
          case Condition.IfAbsent() -> entries.putIfAbsent(key, entry) == null;
          case Condition.IfMatch(String held) -> {
            Entry before = entries.get(key);
            yield before != null && before.etag.equals(held) && entries.replace(key, before, entry);
          }
        };
    return written ? new PutResult.Written(etag) : new PutResult.ConditionFailed();
  }

  @Override
  public Optional<Download> get(String key, Read read) {
    Entry entry = entries.get(key);
    if (entry == null) {
      return Optional.empty();
    }
    boolean same = entry.etag.equals(read.unlessEtag());
    byte[] body = same ? new byte[0] : entry.body.bytes();
    return Optional.of(new Download(entry.describe(key), new ByteArrayInputStream(body), same));
  }

  @Override
  public Optional<StoredObject> head(String key) {
    return Optional.ofNullable(entries.get(key)).map(entry -> entry.describe(key));
  }

  @Override
  public Page list(String prefix, @Nullable String delimiter, @Nullable String continuation) {
    List<StoredObject> page = new ArrayList<>();
    String from = continuation == null ? prefix : continuation;
    for (Map.Entry<String, Entry> entry : entries.tailMap(from, continuation == null).entrySet()) {
      if (!entry.getKey().startsWith(prefix)) {
        break;
      }
      if (page.size() == PAGE) {
        return new Page(page, List.of(), page.getLast().key());
      }
      page.add(entry.getValue().describe(entry.getKey()));
    }
    return new Page(page, List.of(), null);
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
    keys.forEach(entries::remove);
    return Map.of();
  }

  @Override
  public URI presignGet(String key, Duration lifetime) {
    throw new UnsupportedOperationException("memory has no URLs");
  }

  @Override
  public PresignedPut presignPut(String key, ContentId sha256, long size, Duration lifetime) {
    throw new UnsupportedOperationException("memory has no URLs");
  }

  @Override
  public URI presignUpload(String key, Duration lifetime) {
    throw new UnsupportedOperationException("memory has no URLs");
  }
}
