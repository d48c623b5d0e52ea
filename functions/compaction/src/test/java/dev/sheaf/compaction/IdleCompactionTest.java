package dev.sheaf.compaction;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.journal.Journal;
import dev.sheaf.journal.JournalOptions;
import dev.sheaf.journal.Namespace;
import dev.sheaf.journal.Operation.IntAdd;
import dev.sheaf.journal.site.SiteActivity;
import dev.sheaf.journal.site.SiteJournal;
import dev.sheaf.storage.counting.CountingObjectStore;
import dev.sheaf.storage.counting.RequestCounts;
import dev.sheaf.storage.counting.RequestKind;
import dev.sheaf.testing.InMemoryObjectStore;
import dev.sheaf.testing.ManualClock;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a run asks for when little or nothing has changed since the last one. */
class IdleCompactionTest {
  private static final JournalOptions THREE =
      JournalOptions.forFunction()
          .withJitter(Duration.ZERO)
          .withThresholds(3, Duration.ofSeconds(30));

  private final ManualClock clock = new ManualClock();
  private final InMemoryObjectStore bucket = new InMemoryObjectStore(clock);
  private final RequestCounts counts = new RequestCounts();
  private final Compaction compaction =
      new Compaction(new CountingObjectStore(bucket, counts), THREE, clock);

  /** Runs, and says what that asked for. */
  private String requests() {
    long lists = counts.count(RequestKind.S3_LIST);
    long gets = counts.count(RequestKind.S3_GET);
    long all = total();
    clock.advance(Duration.ofMinutes(5));
    compaction.run(() -> 60_000);
    lists = counts.count(RequestKind.S3_LIST) - lists;
    gets = counts.count(RequestKind.S3_GET) - gets;
    return lists + " LIST, " + gets + " GET, " + (total() - all - lists - gets) + " other";
  }

  private long total() {
    long sum = 0;
    for (RequestKind kind : RequestKind.values()) {
      sum += counts.count(kind);
    }
    return sum;
  }

  private void write(String namespace) {
    try (Journal journal = Journal.open(bucket, Namespace.of(namespace), THREE)) {
      journal.flush(); // makes the rollup
      journal.apply(new IntAdd("n", 1));
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "17, 1", "1000, 2"})
  void asksForTheListingAlone(int namespaces, int pages) {
    for (int i = 0; i < namespaces; i++) {
      write("n" + i);
    }
    String first = pages + " LIST, " + 2 * namespaces + " GET, 0 other";
    assertThat(requests()).as("a new process reads all once").isEqualTo(first);
    for (int i = 0; i < 3; i++) {
      assertThat(requests()).isEqualTo(pages + " LIST, 0 GET, 0 other");
    }
  }

  @Test
  void asksBesidesForWhatWasWritten() {
    for (int i = 0; i < 17; i++) {
      write("n" + i);
    }
    requests();
    write("n7"); // the second segment there
    assertThat(requests()).isEqualTo("1 LIST, 1 GET, 0 other");
    assertThat(requests()).isEqualTo("1 LIST, 0 GET, 0 other");
    write("n7");
    assertThat(requests()).as("three, but two of them old: a probe").endsWith("1 other");
    assertThat(requests()).as("rollup, 4 segments, rollup").isEqualTo("1 LIST, 6 GET, 2 other");
    assertThat(requests()).isEqualTo("1 LIST, 0 GET, 0 other");
  }

  /** However quiet it is, and in each run until somebody has looked. */
  @Test
  void findsPoisonThatComesToAQuietNamespace() {
    write("good");
    write("bad");
    requests();
    requests();
    String poison = ".metadata/bad/segment-poison.json";
    bucket.plant(poison, "garbage".getBytes(StandardCharsets.UTF_8));
    for (int i = 0; i < 3; i++) {
      CompactionRun run = compaction.run(() -> 60_000);
      assertThat(run.poisoned()).isEqualTo(1);
      assertThat(run.toMap().toString()).contains(poison);
    }
    bucket.delete(List.of(poison));
    assertThat(compaction.run(() -> 60_000).failures()).isEmpty();
  }

  @Test
  void findsARollupThatNobodyCanRead() {
    write("bad");
    requests();
    bucket.plant(".metadata/bad/rollup.json", "null".getBytes(StandardCharsets.UTF_8));
    assertThat(compaction.run(() -> 60_000).poisoned()).isEqualTo(1);
    assertThat(compaction.run(() -> 60_000).poisoned()).isEqualTo(1);
  }

  /** The site's inbox of keys is looked at when somebody has written, or when its time has come. */
  @Test
  void sortsTheSitesKeysWhenThereAreSome() {
    SiteActivity activity = new SiteActivity(clock);
    activity.written("objects/ab/" + "ab".repeat(32));
    new SiteJournal(bucket, THREE).record(activity, Duration.ofMinutes(1));
    assertThat(compaction.run(() -> 60_000).sorting().done().moved()).isZero();
    compaction.run(() -> 60_000); // looks at the rollup that the first has made
    long before = total();
    assertThat(compaction.run(() -> 60_000).sorting().done().moved()).isZero();
    assertThat(total() - before).as("not yet").isEqualTo(1);
    clock.advance(Duration.ofMinutes(11));
    assertThat(compaction.run(() -> 60_000).sorting().done().moved()).isEqualTo(1);
    requests(); // looks at what the sorting wrote
    assertThat(requests()).isEqualTo("1 LIST, 0 GET, 0 other");
  }
}
