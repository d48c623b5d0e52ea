package dev.sheaf.compaction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.function.testing.TestInvocation;
import dev.sheaf.git.fold.FoldLimits;
import dev.sheaf.journal.Journal;
import dev.sheaf.journal.JournalOptions;
import dev.sheaf.journal.Namespace;
import dev.sheaf.journal.Operation.IntAdd;
import dev.sheaf.journal.json.Json;
import dev.sheaf.journal.json.JsonObject;
import dev.sheaf.journal.json.JsonReader;
import dev.sheaf.journal.site.KnownPresent;
import dev.sheaf.journal.site.SiteActivity;
import dev.sheaf.journal.site.SiteJournal;
import dev.sheaf.testing.DenyingS3;
import dev.sheaf.testing.InMemoryObjectStore;
import dev.sheaf.testing.ManualClock;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CompactionHandlerTest {
  private static final JournalOptions THREE =
      JournalOptions.forFunction()
          .withJitter(Duration.ZERO)
          .withThresholds(3, Duration.ofSeconds(30));

  private final ManualClock clock = new ManualClock();
  private final InMemoryObjectStore bucket = new InMemoryObjectStore(clock);
  private final Compaction compaction = new Compaction(bucket, THREE, clock);

  /** No repository here has packs: no catalog is asked. */
  private final PackFolding folding =
      new PackFolding(
          bucket,
          () -> {
            throw new AssertionError("the catalog was opened");
          },
          () -> {
            throw new AssertionError("the catalog was opened");
          },
          () -> {
            throw new AssertionError("the catalog was opened");
          },
          Duration.ofDays(2),
          FoldLimits.of(1L << 30, 1L << 33),
          clock);

  private void write(String namespace, int segments) {
    try (Journal journal = Journal.open(bucket, Namespace.of(namespace), THREE)) {
      for (int i = 0; i < segments; i++) {
        journal.apply(new IntAdd("n", 1));
        clock.advance(Duration.ofSeconds(1));
      }
      clock.advance(Duration.ofSeconds(30));
      journal.apply(new IntAdd("n", 1));
    }
  }

  private long count(String namespace) {
    try (Journal journal = Journal.open(bucket, Namespace.of(namespace), THREE)) {
      journal.flush();
      return journal.integer("n");
    }
  }

  @Test
  void goesThroughItsMotionsWithoutASite() {
    assertThat(CompactionHandler.rehearse()).containsEntry("namespaces", List.of());
  }

  @Test
  void compactsEveryNamespaceThatAsksForIt() {
    write("busy", 5);
    write("", 4);
    write("quiet", 1);
    CompactionRun run = compaction.run(() -> 60_000);
    assertThat(run.reports())
        .extracting(report -> report.namespace().name() + "=" + report.folded())
        .containsExactly("=4", "busy=5", "quiet=0");
    assertThat(run.failures()).isEmpty();
    assertThat(count("busy")).isEqualTo(6);
    assertThat(count("")).isEqualTo(5);
    assertThat(bucket.keys().stream().filter(key -> key.contains("/busy/segment-"))).hasSize(1);
    assertThat(compaction.run(() -> 60_000).reports()).allMatch(report -> report.folded() == 0);
  }

  @Test
  void leavesForeignDirectoriesAlone() {
    bucket.plant(".metadata/org/repo/segment-x.json", new byte[] {'x'});
    bucket.plant(".metadata/odd.name/segment-x.json", new byte[] {'x'});
    List<String> before = bucket.keys();
    CompactionRun run = compaction.run(() -> 60_000);
    assertThat(run.failures()).isEmpty();
    assertThat(bucket.keys()).isEqualTo(before);
  }

  @Test
  void poisonIsNamedAndStopsNoOther() {
    write("bad", 4);
    write("good", 4);
    bucket.plant(".metadata/bad/segment-poison.json", "garbage".getBytes(StandardCharsets.UTF_8));
    CompactionRun run = compaction.run(() -> 60_000);
    assertThat(run.poisoned()).isEqualTo(1);
    assertThat(run.toMap().toString()).contains(".metadata/bad/segment-poison.json");
    assertThat(run.reports().getLast().folded()).isEqualTo(4);
    JsonObject line = (JsonObject) JsonReader.parse(run.logLine());
    assertThat(line.get("Poisoned")).isEqualTo(Json.of(1));
    assertThat(line.get("Folded")).isEqualTo(Json.of(4));
  }

  @Test
  void beginsNoNamespaceWithoutTime() {
    write("a", 4);
    write("b", 4);
    List<Integer> left = new ArrayList<>(List.of(60_000, 60_000, 4_000));
    CompactionRun run = compaction.run(left::removeFirst);
    assertThat(run.reports()).hasSize(1);
    assertThat(run.skipped()).containsExactly(Namespace.of("b"));
  }

  @Test
  void sortsKnownPresentKeysAndReportsIt() {
    String key = "objects/ab/" + "ab".repeat(32);
    SiteActivity activity = new SiteActivity(clock);
    activity.written(key);
    new SiteJournal(bucket, THREE).record(activity, Duration.ofMinutes(1));
    assertThat(compaction.run(() -> 60_000).sorting().done().moved()).isZero();

    clock.advance(Duration.ofMinutes(11));
    CompactionRun run = compaction.run(() -> 60_000);
    assertThat(run.toMap().toString()).contains("known_present={moved=1, dropped=0}");
    assertThat(run.logLine()).contains("\"KnownPresentMoved\":1");
    assertThat(new KnownPresent(bucket, THREE).since(Instant.EPOCH).keys('a')).containsExactly(key);
    assertThat(bucket.keys()).anyMatch(name -> name.startsWith(".metadata/present-a/segment-"));
  }

  @Test
  void keysThatCannotBeSortedAreAFailureOfTheRun() {
    bucket.plant(".metadata/site/segment-poison.json", new byte[] {'x'});
    CompactionRun run = compaction.run(() -> 60_000);
    assertThat(run.sorting().failure()).isPresent();
    JsonObject line = (JsonObject) JsonReader.parse(run.logLine());
    assertThat(line.get("Failed")).isNotEqualTo(Json.of(0));
  }

  @Test
  void aMissingRightIsNamed() {
    try (DenyingS3 denying = DenyingS3.start()) {
      CompactionHandler handler = new CompactionHandler(denying.environment("sheaf"));
      assertThatThrownBy(() -> handler.handleRequest(Map.of(), new TestInvocation(60_000)))
          .hasMessageStartingWith("LIST of s3://sheaf/.metadata/ failed: HTTP 403 AccessDenied")
          .hasMessageEndingWith("allow the function's role s3:ListBucket on the bucket");
    }
  }

  @Test
  void dryRunPrintsThePlanAndChangesNothing() {
    write("busy", 5);
    List<String> before = bucket.keys();
    String answer = compaction.plan().toString();
    assertThat(answer).contains("action=FOLD", "ns=busy", "segments=6");
    assertThat(bucket.keys()).isEqualTo(before);
  }

  @Test
  void dryRunNamesWhatItCannotPlan() {
    write("bad", 5);
    write("good", 5);
    bucket.plant(".metadata/bad/rollup.json", "null".getBytes(StandardCharsets.UTF_8));
    assertThat(compaction.plan().toString())
        .contains("error=rollup .metadata/bad/rollup.json", "ns=good");
  }

  /** A segment too few to fold may be the one that stops every replica. */
  @Test
  void poisonInAQuietNamespaceIsFoundToo() {
    bucket.plant(".metadata/bad/segment-poison.json", "garbage".getBytes(StandardCharsets.UTF_8));
    assertThat(compaction.run(() -> 60_000).poisoned()).isEqualTo(1);
  }

  @Test
  void twoRunsAtOnceAreHarmless() throws InterruptedException {
    for (int round = 0; round < 20; round++) {
      write("busy", 5);
      List<Thread> runs = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        Compaction one = new Compaction(bucket, THREE, clock);
        runs.add(Thread.ofVirtual().start(() -> assertThat(one.run(() -> 60_000)).isNotNull()));
      }
      for (Thread run : runs) {
        run.join();
      }
      assertThat(count("busy")).isEqualTo(6L * (round + 1));
    }
  }

  @Test
  void handlesAScheduleEventAsAwsSendsIt() {
    write("busy", 5);
    Map<String, Object> event = Map.of("source", "aws.events", "detail", Map.of());
    Map<String, Object> answer =
        new CompactionHandler(
                compaction,
                folding,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty())
            .handleRequest(event, new TestInvocation(60_000));
    assertThat(answer.toString()).contains("folded=5");
    assertThat(
            new CompactionHandler(
                    compaction,
                    folding,
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty())
                .handleRequest(Map.of("dry_run", true), new TestInvocation(60_000)))
        .containsEntry("dry_run", true);
  }
}
