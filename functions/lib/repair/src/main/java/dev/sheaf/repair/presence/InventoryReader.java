package dev.sheaf.repair.presence;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.ObjectStore.Page;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;

/**
 * Reads the newest S3 Inventory report of a bucket into a {@link PresenceIndex}: for a bucket of
 * 100 million keys some 100 GETs of gzipped CSV in place of 100,000 LISTs. A report is a day old,
 * so what was written since is missing in it, as in a listing that began then.
 *
 * <p>Source: "Amazon S3 Inventory" of the S3 User Guide ({@code manifest.json} version 2016-11-30,
 * format CSV). A report must have the columns Key, Size, LastModifiedDate and ETag; of a versioned
 * bucket, IsLatest and IsDeleteMarker too.
 */
public final class InventoryReader {
  /** An older report misses too much to be worth a cycle. */
  private static final Duration MOST_AGE = Duration.ofDays(3);

  /** A report is no picture of one moment: what is younger than this may or may not be in it. */
  private static final Duration IN_THE_MAKING = Duration.ofDays(1);

  /** The folder of a report is the time at which it was begun; others beside it hold the data. */
  private static final Pattern REPORT = Pattern.compile("\\d{4}-\\d{2}-\\d{2}T\\d{2}-\\d{2}Z/");

  private static final String MANIFEST = "manifest.json";

  /** Written last: a report without it is not complete. */
  private static final String COMPLETE = "manifest.checksum";

  private static final ObjectMapper JSON = new ObjectMapper();

  private final ObjectStore store;
  private final String prefix;
  private final InstantSource clock;

  /**
   * @param store where reports are delivered
   * @param prefix where those of one configuration lie: ends with {@code
   *     <source-bucket>/<configuration>/}
   */
  public InventoryReader(ObjectStore store, String prefix, InstantSource clock) {
    this.store = store;
    this.prefix = prefix;
    this.clock = clock;
  }

  /**
   * Reads the newest complete report: a LIST (per 1,000 reports that are kept), one or two GETs and
   * one for each of its files.
   *
   * @param range the objects of it that are kept
   * @throws ListingException when there is none, or it is too old, or any part of it is not as its
   *     manifest says
   */
  public PresenceIndex read(Range range) {
    try {
      return read(newest(), range);
    } catch (SheafException | IOException | UncheckedIOException e) {
      throw new ListingException("the inventory could not be read: " + e.getMessage(), e);
    }
  }

  private String newest() {
    List<String> reports = new ArrayList<>();
    String next = null;
    do {
      Page page = store.list(prefix, "/", next);
      page.commonPrefixes().stream()
          .filter(report -> REPORT.matcher(report.substring(prefix.length())).matches())
          .forEach(reports::add);
      next = page.next();
    } while (next != null);
    for (String report : reports.reversed()) {
      if (store.getIntoMemory(report + COMPLETE, null).isPresent()) {
        return report;
      }
    }
    throw new ListingException("there is no complete inventory below " + prefix);
  }

  private PresenceIndex read(String report, Range range) throws IOException {
    JsonNode manifest = JSON.readTree(whole(report + MANIFEST));
    Instant made = Instant.ofEpochMilli(manifest.path("creationTimestamp").asLong());
    if (made.isBefore(clock.instant().minus(MOST_AGE))) {
      throw new ListingException("the newest inventory, " + report + ", is of " + made);
    }
    String bucket = manifest.path("sourceBucket").asText();
    if (!bucket.equals(store.bucket()) || !manifest.path("fileFormat").asText().equals("CSV")) {
      throw new ListingException(
          report + MANIFEST + " is of no CSV of bucket " + store.bucket() + "; configure it so");
    }
    InventoryColumns columns = InventoryColumns.of(manifest.path("fileSchema").asText());
    Map<Kind, Entries> entries = new EnumMap<>(Kind.class);
    long foreign = 0;
    for (JsonNode file : manifest.path("files")) {
      foreign += add(file, columns, range, entries);
    }
    return index(made, manifest.path("files").size() + 3, entries, range, foreign);
  }

  private byte[] whole(String key) throws IOException {
    try (ObjectStore.Download download = present(key)) {
      return download.body().readAllBytes();
    }
  }

  private ObjectStore.Download present(String key) {
    return store
        .get(key, ObjectStore.Read.WHOLE)
        .orElseThrow(() -> new ListingException(key + " is missing"));
  }

  /** Adds a file; how many keys in it are not ours. */
  private long add(JsonNode file, InventoryColumns columns, Range range, Map<Kind, Entries> entries)
      throws IOException {
    String key = file.path("key").asText();
    MessageDigest md5 = md5();
    long foreign = 0;
    try (ObjectStore.Download download = present(key);
        InputStream stored = new DigestInputStream(download.body(), md5);
        CsvRows rows = new CsvRows(new GZIPInputStream(stored, 1 << 16))) {
      for (List<String> row = rows.next(); row != null; row = rows.next()) {
        if (columns.isPresent(row) && !columns.add(row, range, entries)) {
          foreign++;
        }
      }
      stored.transferTo(OutputStream.nullOutputStream());
    }
    if (!HexFormat.of().formatHex(md5.digest()).equals(file.path("MD5checksum").asText())) {
      throw new ListingException(key + " is not what its manifest says");
    }
    return foreign;
  }

  private static MessageDigest md5() {
    try {
      return MessageDigest.getInstance("MD5"); // as S3 gives it; against accidents alone
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static PresenceIndex index(
      Instant made, int requests, Map<Kind, Entries> entries, Range range, long foreign) {
    Map<Kind, List<Entries>> parts = new EnumMap<>(Kind.class);
    long count = 0;
    for (Map.Entry<Kind, Entries> kind : entries.entrySet()) {
      Entries sorted = kind.getValue().sorted();
      parts.put(kind.getKey(), List.of(sorted));
      count += sorted.count();
    }
    return new PresenceIndex(
        parts,
        range,
        new PresenceIndex.Listing(made.minus(IN_THE_MAKING), requests, count, foreign));
  }
}
