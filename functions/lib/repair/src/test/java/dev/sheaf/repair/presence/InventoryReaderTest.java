package dev.sheaf.repair.presence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.storage.ObjectStore.StoredObject;
import dev.sheaf.storage.counting.CountingObjectStore;
import dev.sheaf.storage.counting.RequestCounts;
import dev.sheaf.storage.counting.RequestKind;
import dev.sheaf.testing.InMemoryObjectStore;
import dev.sheaf.testing.ManualClock;
import dev.sheaf.testing.RandomisedTest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

class InventoryReaderTest {
  private static final String PREFIX = "inventory/sheaf/daily/";
  private static final String SCHEMA = "Bucket, Key, Size, LastModifiedDate, ETag";

  private final ManualClock clock = new ManualClock();
  private final InMemoryObjectStore bucket = new InMemoryObjectStore(clock);
  private final RequestCounts counts = new RequestCounts();

  private PresenceIndex read() {
    return new InventoryReader(new CountingObjectStore(bucket, counts), PREFIX, clock)
        .read(Range.ALL);
  }

  private String row(StoredObject object) {
    return "\"%s\",\"%s\",\"%d\",\"%s\",\"%s\"\n"
        .formatted(
            bucket.bucket(),
            URLEncoder.encode(object.key(), StandardCharsets.UTF_8).replace("%2F", "/"),
            object.size(),
            object.lastModified(),
            object.etag().replace("\"", ""));
  }

  /** Writes a report in files of at most so many rows, as S3 does. */
  private void report(String at, String schema, List<String> rows, int rowsAFile)
      throws IOException {
    List<String> files = new ArrayList<>();
    for (int from = 0; from < rows.size(); from += rowsAFile) {
      String text = String.join("", rows.subList(from, Math.min(rows.size(), from + rowsAFile)));
      byte[] gzipped = gzipped(text);
      String key = PREFIX + "data/" + at + "-" + from + ".csv.gz";
      bucket.plant(key, gzipped);
      files.add(
          "{\"key\": \"%s\", \"size\": %d, \"MD5checksum\": \"%s\"}"
              .formatted(key, gzipped.length, md5(gzipped)));
    }
    String manifest =
        """
        {"sourceBucket": "%s", "destinationBucket": "arn:aws:s3:::%s", "version": "2016-11-30",
         "creationTimestamp": "%d", "fileFormat": "CSV", "fileSchema": "%s", "files": [%s]}
        """
            .formatted(
                bucket.bucket(),
                bucket.bucket(),
                clock.instant().toEpochMilli(),
                schema,
                String.join(", ", files));
    bucket.plant(PREFIX + at + "/manifest.json", manifest.getBytes(StandardCharsets.UTF_8));
    bucket.plant(PREFIX + at + "/manifest.checksum", new byte[] {'x'});
  }

  private static byte[] gzipped(String text) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(text.getBytes(StandardCharsets.UTF_8));
    }
    return out.toByteArray();
  }

  private static String md5(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private List<String> rows() {
    List<String> rows = new ArrayList<>();
    bucket.list("", null, null).objects().stream()
        .filter(object -> !object.key().startsWith(PREFIX))
        .forEach(object -> rows.add(row(object)));
    return rows;
  }

  private List<String> plantSome(Random random, int count) {
    List<String> keys = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      byte[] bytes = new byte[ContentId.LENGTH];
      random.nextBytes(bytes);
      ContentId id = ContentId.ofBytes(bytes);
      String key =
          switch (i % 4) {
            case 0 -> ObjectKeys.bundle("owner", "repo.x", id);
            case 1 -> ObjectKeys.pack(id);
            default -> ObjectKeys.object(id);
          };
      bucket.plant(key, new byte[random.nextInt(100)]);
      keys.add(key);
    }
    return keys;
  }

  private static Kind kind(String key) {
    return List.of(Kind.values()).stream()
        .filter(kind -> key.startsWith(kind.prefix()))
        .findFirst()
        .orElseThrow();
  }

  @RandomisedTest(seeds = 10)
  void saysWhatAListingSays(long seed) throws IOException {
    Random random = new Random(seed);
    List<String> keys = plantSome(random, 1 + random.nextInt(60));
    PresenceIndex listed = new PresenceLister(bucket, clock, _ -> {}).list(4);
    List<String> rows = rows();
    Collections.shuffle(rows, random); // no order is promised
    report("2026-01-01T01-00Z", SCHEMA, rows, 1 + random.nextInt(30));
    PresenceIndex read = read();
    for (String key : keys) {
      assertThat(read.of(kind(key), key)).as(key).isEqualTo(listed.of(kind(key), key));
    }
    assertThat(read.listing().entries()).isEqualTo(listed.listing().entries());
  }

  @Test
  void takesTheNewestThatIsComplete() throws IOException {
    plantSome(new Random(1), 8);
    report("2026-01-01T01-00Z", SCHEMA, rows(), 3);
    report("2026-01-02T01-00Z", SCHEMA, List.of(), 3);
    bucket.delete(List.of(PREFIX + "2026-01-02T01-00Z/manifest.checksum"));
    bucket.plant(PREFIX + "hive/dt=2026-01-03-01-00/symlink.txt", new byte[1]);
    PresenceIndex index = read();
    assertThat(index.listing().entries()).isEqualTo(8);
    // The manifest's mark, missing in one of two; the manifest; three files.
    assertThat(counts.count(RequestKind.S3_LIST)).isEqualTo(1);
    assertThat(counts.count(RequestKind.S3_GET)).isEqualTo(2 + 1 + 3);
  }

  @Test
  void versionsThatAreGoneAreNotThere() throws IOException {
    String key = ObjectKeys.object(ContentId.ofBytes(new byte[ContentId.LENGTH]));
    String schema =
        "Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size, LastModifiedDate, ETag";
    String facts = "\"1\",\"2026-01-01T00:00:00.000Z\",\"e\"\n";
    String row = "\"b\",\"" + key + "\",\"v\",";
    report(
        "2026-01-01T01-00Z",
        schema,
        List.of(row + "\"false\",\"false\"," + facts, row + "\"true\",\"true\",\"\",\"\",\"\"\n"),
        9);
    assertThat(read().of(Kind.OBJECT, key)).isEqualTo(Standing.ABSENT);
  }

  @Test
  void oneThatIsOldIsNotUsed() throws IOException {
    report("2026-01-01T01-00Z", SCHEMA, List.of(), 1);
    clock.advance(Duration.ofDays(4));
    assertThatThrownBy(this::read)
        .isInstanceOf(ListingException.class)
        .hasMessageContaining("newest inventory");
  }

  @Test
  void oneThatIsNotWhatItSaysIsNotUsed() throws IOException {
    assertThatThrownBy(this::read).hasMessageContaining("no complete inventory below " + PREFIX);
    plantSome(new Random(2), 4);
    report("2026-01-01T01-00Z", SCHEMA, rows(), 9);
    String file = PREFIX + "data/2026-01-01T01-00Z-0.csv.gz";
    bucket.plant(file, gzipped(rows().getFirst()));
    assertThatThrownBy(this::read).hasMessageContaining(file + " is not what its manifest says");
    bucket.delete(List.of(file));
    assertThatThrownBy(this::read).hasMessageContaining(file + " is missing");
    report("2026-01-02T01-00Z", "Bucket, Key", rows(), 9);
    assertThatThrownBy(this::read).hasMessageContaining("LastModifiedDate and ETag are needed");
    report("2026-01-03T01-00Z", SCHEMA, List.of("\"b\",\"objects/x\n"), 9);
    assertThatThrownBy(this::read).hasMessageContaining("without its closing quote");
  }
}
