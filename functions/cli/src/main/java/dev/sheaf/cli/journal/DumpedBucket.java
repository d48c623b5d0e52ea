package dev.sheaf.cli.journal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.journal.Namespace;
import dev.sheaf.journal.json.Utf8Order;
import dev.sheaf.storage.ObjectStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A bucket that somebody has written to a directory: the stamps in {@code listing.json}, the bytes
 * in {@code objects/<key>}. What a replica writes to it stays in memory.
 */
final class DumpedBucket implements ObjectStore {
  private final NavigableMap<String, Entry> entries = new TreeMap<>(Utf8Order.INSTANCE);

  private record Entry(Content content, String etag, Instant lastModified) {
    StoredObject describe(String key) {
      return new StoredObject(key, content.size(), etag, lastModified, null);
    }
  }

  private DumpedBucket() {}

  static DumpedBucket load(Path directory) {
    DumpedBucket bucket = new DumpedBucket();
    Path listing = directory.resolve("listing.json");
    try {
      for (JsonNode row : new ObjectMapper().readTree(listing.toFile()).path("objects")) {
        String key = row.path("key").asText();
        Content content = Content.of(Files.readAllBytes(directory.resolve("objects").resolve(key)));
        Instant stamp = OffsetDateTime.parse(row.path("lastModified").asText()).toInstant();
        bucket.entries.put(key, new Entry(content, "\"" + row.path("etag").asText() + "\"", stamp));
      }
      return bucket;
    } catch (IOException e) {
      throw new SheafException(
          ErrorKind.INVALID,
          "not a dumped bucket: " + directory + " needs listing.json and objects/: " + e,
          e);
    }
  }

  /** The namespaces that have a segment, a rollup or a legacy state, in order of their names. */
  Collection<Namespace> namespaces() {
    TreeSet<String> names = new TreeSet<>(Utf8Order.INSTANCE);
    entries
        .keySet()
        .forEach(key -> Namespace.ofKey(key).map(Namespace::name).ifPresent(names::add));
    return names.stream().map(Namespace::existing).toList();
  }

  @Override
  public String bucket() {
    return "dump";
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
    Entry present = entries.get(key);
    boolean holds =
        switch (condition) {
          case Condition.Always() -> true;
          case Condition.IfAbsent() -> present == null;
          case Condition.IfMatch(String etag) -> present != null && present.etag.equals(etag);
        };
    if (!holds) {
      return new PutResult.ConditionFailed();
    }
    String etag = "\"written-" + entries.size() + "\"";
    entries.put(key, new Entry(body, etag, Instant.EPOCH));
    return new PutResult.Written(etag);
  }

  @Override
  public synchronized Optional<Download> get(String key, Read read) {
    Entry entry = entries.get(key);
    if (entry == null) {
      return Optional.empty();
    }
    boolean same = entry.etag.equals(read.unlessEtag());
    InputStream body = same ? new ByteArrayInputStream(new byte[0]) : open(entry);
    return Optional.of(new Download(entry.describe(key), body, same));
  }

  private static InputStream open(Entry entry) {
    try {
      return entry.content.open();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public synchronized Optional<StoredObject> head(String key) {
    return Optional.ofNullable(entries.get(key)).map(entry -> entry.describe(key));
  }

  /** Everything in one page: nobody counts requests here. */
  @Override
  public synchronized Page list(
      String prefix, @Nullable String delimiter, @Nullable String continuation) {
    List<StoredObject> objects =
        entries.tailMap(prefix, true).entrySet().stream()
            .takeWhile(entry -> entry.getKey().startsWith(prefix))
            .map(entry -> entry.getValue().describe(entry.getKey()))
            .toList();
    return new Page(objects, List.of(), null);
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
  public synchronized Map<String, String> delete(Collection<String> keys) {
    keys.forEach(entries::remove);
    return Map.of();
  }

  @Override
  public URI presignGet(String key, Duration lifetime) {
    throw new UnsupportedOperationException("a dumped bucket has no URLs");
  }

  @Override
  public PresignedPut presignPut(String key, ContentId sha256, long size, Duration lifetime) {
    throw new UnsupportedOperationException("a dumped bucket has no URLs");
  }

  @Override
  public URI presignUpload(String key, Duration lifetime) {
    throw new UnsupportedOperationException("a dumped bucket has no URLs");
  }
}
