package dev.sheaf.repair;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.repair.peer.Peers;
import dev.sheaf.repair.presence.Kind;
import dev.sheaf.repair.presence.LyingStore;
import dev.sheaf.repository.Repo;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.storage.counting.RequestKind;
import dev.sheaf.testing.Faults;
import dev.sheaf.testing.FaultyCatalog;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Cycles one after the other, in pieces, at once, and cut off anywhere. */
class CycleTest extends SiteTest {
  private static String[] contents(int count) {
    return IntStream.range(0, count).mapToObj(i -> "content " + i).toArray(String[]::new);
  }

  /** True from the n-th question on. */
  private static BooleanSupplier afterQuestions(int n) {
    int[] asked = new int[1];
    return () -> asked[0]++ >= n;
  }

  @Test
  void cleanupEveryFourth() {
    List<Boolean> cleanups = new ArrayList<>();
    List<Integer> numbers = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      RepairTracker tracker = run();
      cleanups.add(tracker.isCleanup());
      numbers.add(tracker.cursorI());
    }
    assertThat(numbers).containsExactly(1, 2, 3, 4, 1, 2, 3, 4, 1);
    assertThat(cleanups)
        .containsExactly(true, false, false, false, true, false, false, false, true);
  }

  @Test
  void everyRowVisitedExactlyOnce() {
    options = options.withBatch(50);
    Repo repo = repo("r");
    push(repo, contents(250));
    RepairTracker tracker = run();
    assertThat(count(tracker, Counter.TOTAL_CHECKED)).isEqualTo(251);
    assertThat(count(tracker, Counter.ALREADY_HAVE)).isEqualTo(251);
  }

  @Test
  void keysetCursorAfterInsert() {
    options = options.withBatch(10);
    Repo repo = repo("r");
    push(repo, contents(45));
    CycleRun half = cycle().run(Optional.empty(), afterQuestions(5));
    assertThat(half.outcome()).isEqualTo(CycleRun.Outcome.CONTINUES);
    push(repo, "inserted 1", "inserted 2", "inserted 3");
    CycleRun rest = cycle().run(Optional.empty(), () -> false);
    assertThat(count(rest.cycle().orElseThrow(), Counter.TOTAL_CHECKED)).isBetween(46L, 50L);
  }

  @Test
  void resumeKeepsCountersCursorsMode() {
    options = options.withBatch(10);
    push(repo("r"), contents(45));
    CycleRun first = cycle().run(Optional.empty(), afterQuestions(7));
    assertThat(first.outcome()).isEqualTo(CycleRun.Outcome.CONTINUES);
    RepairTracker half = new RepairLog(catalog).newest().orElseThrow();
    assertThat(half.finishedAt()).isEmpty();
    assertThat(half.cursor(Kind.OBJECT)).isNotEmpty();
    long checked = count(half, Counter.TOTAL_CHECKED);
    assertThat(checked).isBetween(11L, 45L);
    List<String> messages = queue.drain();
    assertThat(messages).hasSize(1);
    Optional<Instant> continued = Continuation.parse(messages.getFirst());
    assertThat(continued).contains(half.startedAt());

    clock.advance(Duration.ofMinutes(1));
    CycleRun second = cycle().run(continued, () -> false);
    assertThat(second.outcome()).isEqualTo(CycleRun.Outcome.FINISHED);
    RepairTracker whole = second.cycle().orElseThrow();
    assertThat(whole.startedAt()).isEqualTo(half.startedAt());
    assertThat(whole.isCleanup()).isTrue();
    assertThat(count(whole, Counter.TOTAL_CHECKED)).isEqualTo(46);

    assertThat(cycle().run(continued, () -> false).outcome())
        .as("a message that comes twice")
        .isEqualTo(CycleRun.Outcome.NOTHING);
    assertThat(new RepairLog(catalog).newest(10)).hasSize(1);
  }

  /** A lost message: the schedule finds the open cycle. */
  @Test
  void cancelKeepsCursorAndResumes() {
    options = options.withBatch(10);
    push(repo("r"), contents(45));
    cycle().run(Optional.empty(), afterQuestions(7));
    queue.drain();
    assertThat(run().cursorI()).isEqualTo(1);
    assertThat(run().cursorI()).isEqualTo(2);
  }

  @Test
  void anInvocationWithoutProgressIsNotContinued() {
    push(repo("r"), "a");
    CycleRun run = cycle().run(Optional.empty(), () -> true);
    assertThat(run.outcome()).isEqualTo(CycleRun.Outcome.ABORTED);
    assertThat(run.cycle().orElseThrow().abortedReason()).contains("too short");
    assertThat(queue.drain()).isEmpty();
    assertThat(run().cursorI()).as("begun anew, not skipped").isEqualTo(1);
  }

  /** However short the invocations are: each restores something, and the end is the same. */
  @Test
  void aRecoveryInPiecesComesToItsEnd() {
    options = options.withBatch(10);
    Repo repo = repo("r");
    for (int i = 0; i < 6; i++) {
      int from = 10 * i;
      push(repo, IntStream.range(from, from + 10).mapToObj(n -> "o" + n).toArray(String[]::new));
      clock.advance(Duration.ofMinutes(1));
    }
    runCleanup();
    List<String> before = bucket.keys();
    bucket.delete(before.stream().filter(key -> key.startsWith("objects/")).toList());
    clock.advance(Duration.ofHours(1));
    CycleRun run = cycle().run(Optional.empty(), afterQuestions(5));
    int invocations = 1;
    while (run.outcome() == CycleRun.Outcome.CONTINUES) {
      run = cycle().run(Optional.empty(), afterQuestions(5));
      assertThat(invocations++).isLessThan(30);
    }
    assertThat(run.outcome()).isEqualTo(CycleRun.Outcome.FINISHED);
    assertThat(invocations).isGreaterThan(2);
    assertThat(kept()).isEqualTo(before);
    requireSound();
  }

  /** A repository of too many bundles for one invocation, and an object that is in none. */
  @Test
  void whatCannotBeFoundInTimeStopsNoOthers() {
    Repo repo = repo("r");
    for (int i = 0; i < 20; i++) {
      push(repo, "o" + i);
    }
    pushWithoutBundle(repo, "lonely");
    runCleanup();
    lose("lonely");
    clock.advance(Duration.ofHours(1));
    CycleRun run = cycle().run(Optional.empty(), afterQuestions(8));
    assertThat(run.outcome()).isEqualTo(CycleRun.Outcome.FINISHED);
    assertThat(requests.count(RequestKind.S3_GET)).isLessThan(20);
    assertThat(lost().getFirst().reason()).contains("take too long");
    assertThat(count(run(), Counter.LOST_LEFT_ALONE)).as("tried again after an hour").isZero();
  }

  /** A peer has it: it is asked before all bundles of the repository are read. */
  @Test
  void whatAPeerHasComesBackHoweverManyBundlesThereAre() {
    peer().with("lonely");
    Repo repo = repo("r");
    for (int i = 0; i < 20; i++) {
      push(repo, "o" + i);
      clock.advance(Duration.ofMinutes(1));
    }
    pushWithoutBundle(repo, "lonely");
    runCleanup();
    lose("lonely");
    clock.advance(Duration.ofHours(1));
    CycleRun run = cycle().run(Optional.empty(), afterQuestions(8));
    assertThat(run.outcome()).isEqualTo(CycleRun.Outcome.FINISHED);
    assertThat(requests.count(RequestKind.S3_GET)).as("not all bundles").isLessThan(10);
    assertThat(has("lonely")).isTrue();
    assertThat(lost()).isEmpty();
  }

  private MemoryPeer peer() {
    MemoryPeer peer = new MemoryPeer("https://peer.example", spool, new ArrayList<>());
    peers = new Peers(Optional.of("https://self.example"), List.of(peer), 2);
    return peer;
  }

  /** However many pulls a batch has, and whatever fails of them: each invocation gets further. */
  @Test
  void pullsInPiecesComeToTheirEnd() {
    String[] contents = contents(60);
    pushWithoutBundle(repo("r"), contents);
    MemoryPeer peer = peer();
    for (int i = 0; i < contents.length; i += 2) {
      peer.with(contents[i]);
    }
    runCleanup();
    lose(contents);
    clock.advance(Duration.ofHours(1));
    CycleRun run = cycle().run(Optional.empty(), afterQuestions(12));
    assertThat(run.outcome()).isEqualTo(CycleRun.Outcome.CONTINUES);
    assertThat(lost()).as("what failed is put off").isNotEmpty();
    int invocations = 1;
    while (run.outcome() == CycleRun.Outcome.CONTINUES) {
      run = cycle().run(Optional.empty(), afterQuestions(12));
      assertThat(invocations++).isLessThan(20);
    }
    assertThat(run.outcome()).isEqualTo(CycleRun.Outcome.FINISHED);
    for (int i = 0; i < contents.length; i++) {
      assertThat(has(contents[i])).as(contents[i]).isEqualTo(i % 2 == 0);
    }
    assertThat(lost()).hasSize(30);
    assertThat(count(run.cycle().orElseThrow(), Counter.PULL_MINE_NEEDED)).isEqualTo(60);
  }

  @Test
  void twoRunnersOnlyOneWins() {
    push(repo("r"), "a");
    Lease other = new Lease(catalog, "other");
    assertThat(other.take()).isPresent();
    assertThat(cycle().run(Optional.empty(), () -> false).outcome())
        .isEqualTo(CycleRun.Outcome.BUSY);
    assertThat(requests.asMap()).containsOnlyKeys("catalog_statement");
    other.release(0, "");
    assertThat(run().finishedAt()).isPresent();
  }

  /** One that was taken for dead and is not: it stops before its next batch. */
  @Test
  void aRunnerThatLostItsLeaseStops() {
    options = options.withBatch(1);
    push(repo("r"), "a", "b", "c");
    Catalog robbed =
        new Catalog() {
          @Override
          public Rows execute(Statement statement) {
            if (statement.sql().contains("as cursor, object_id as id")) {
              freeLease();
              assertThat(new Lease(catalog, "robber").take()).isPresent();
            }
            return catalog.execute(statement);
          }

          @Override
          public <T extends @Nullable Object> T transaction(Function<Catalog, T> work) {
            return catalog.transaction(work);
          }
        };
    CycleRun run = cycle(bucket, robbed).run(Optional.empty(), () -> false);
    assertThat(run.outcome()).isEqualTo(CycleRun.Outcome.BUSY);
    assertThat(count(run.cycle().orElseThrow(), Counter.TOTAL_CHECKED)).isEqualTo(2);
    assertThat(
            catalog
                .execute(Statement.of("select holder from repair_state"))
                .first()
                .orElseThrow()
                .text("holder"))
        .isEqualTo("robber");
  }

  /** The lease is kept by the database's clock, and a cycle's name never goes back. */
  @Test
  void clocksOfFunctionsMayDiffer() {
    push(repo("r"), "a");
    Instant first = run().startedAt();
    clock.advance(Duration.ofHours(-30));
    RepairTracker second = run();
    assertThat(second.startedAt()).isAfter(first);
    assertThat(new RepairLog(catalog).newest().orElseThrow().startedAt())
        .isEqualTo(second.startedAt());
    assertThat(second.cursorI()).isEqualTo(2);
    lose("a");
    clock.advance(Duration.ofDays(400));
    run();
    assertThat(has("a")).isTrue();
  }

  @Test
  void dbPageErrorBecomesAbortedReason() {
    push(repo("r"), "a");
    run(); // the bundle is proven
    clock.advance(Duration.ofHours(1));
    Faults none = Faults.none();
    cycle(bucket, new FaultyCatalog(catalog, none)).run(Optional.empty(), () -> false);
    int page =
        1
            + IntStream.range(0, none.requests())
                .filter(i -> none.log().get(i).startsWith("select object_id as cursor"))
                .findFirst()
                .orElseThrow();
    clock.advance(Duration.ofHours(1));
    Faults faults = Faults.at(page, Faults.Way.FAILS_BEFORE);
    assertThatThrownBy(() ->
            cycle(bucket, new FaultyCatalog(catalog, faults)).run(Optional.empty(), () -> false))
        .isInstanceOf(SheafException.class);
    RepairTracker aborted = new RepairLog(catalog).newest().orElseThrow();
    assertThat(aborted.abortedReason()).contains("injected failure");
    assertThat(aborted.finishedAt()).isPresent();
    assertThat(run().cursorI()).as("its turn is not used up").isEqualTo(aborted.cursorI());
  }

  @ParameterizedTest
  @EnumSource(Faults.Way.class)
  void everyRequestMayFailOrBeTheLast(Faults.Way way) {
    Repo repo = repo("r");
    push(repo, "a", "b", "c");
    pushWithoutBundle(repo, "lonely");
    runCleanup();
    damage();
    Faults none = Faults.none();
    cleanUp(none);
    List<String> clean = state();
    assertThat(clean).isNotEmpty();
    assertThat(none.requests()).isGreaterThan(20);
    for (int request = 1; request <= none.requests(); request++) {
      reset(repo);
      Faults faults = Faults.at(request, way);
      cleanUp(faults);
      String what = way + " at " + request + ": " + none.log().get(request - 1);
      assertThat(faults.happened()).as(what).isTrue();
      freeLease();
      recover(clean);
      assertThat(state()).as(what).isEqualTo(clean);
    }
  }

  /** What was left undone may have to wait for the next cleanup. */
  private void recover(List<String> clean) {
    run();
    for (int i = 0; i < 4 && !state().equals(clean); i++) {
      run();
    }
  }

  private void damage() {
    lose("a", "lonely");
    corrupt("b");
  }

  private void reset(Repo repo) {
    bucket.delete(bucket.keys());
    emptyCatalog();
    queue.drain();
    repo("r");
    push(repo, "a", "b", "c");
    pushWithoutBundle(repo, "lonely");
    runCleanup();
    damage();
  }

  /** Whoever reads a journal begins it. */
  private List<String> kept() {
    return bucket.keys().stream().filter(key -> !key.startsWith(".metadata/")).toList();
  }

  /** What the store holds, and what is missing for good. */
  private List<String> state() {
    List<String> state = new ArrayList<>();
    for (String key : kept()) {
      // Of a repository's record the times differ.
      boolean isRecord = key.startsWith(ObjectKeys.RECORDS);
      state.add(key + (isRecord ? "" : " " + bucket.head(key).orElseThrow().etag()));
    }
    lost().forEach(entry -> state.add("lost " + entry.key()));
    catalog
        .execute(
            Statement.of(
                "select object_id, etag from objects where object_id <> '"
                    + id("lonely").hex()
                    + "' order by 1"))
        .forEach(row -> state.add(row.asMap().toString()));
    return state;
  }

  @Test
  void trackerJsonShape() {
    push(repo("r"), "a");
    JsonNode json = run().toJson();
    List<String> names = new ArrayList<>();
    json.fieldNames().forEachRemaining(names::add);
    assertThat(names)
        .containsExactly(
            "StartedAt",
            "UpdatedAt",
            "FinishedAt",
            "CleanupMode",
            "CursorI",
            "CursorBundleID",
            "CursorPackID",
            "CursorGitPack",
            "CursorObjectSha",
            "Counters",
            "ContentSize",
            "Duration",
            "AbortedReason",
            "ListingRefused",
            "ListedAt",
            "ListedBy",
            "ListedKeys");
    assertThat(json.path("ListedAt").textValue()).isEqualTo("2026-01-01T13:00:00Z");
    assertThat(json.path("ListedBy").textValue()).isEqualTo("list");
    assertThat(json.path("ListedKeys").longValue()).isEqualTo(2);
    assertThat(json.path("StartedAt").textValue()).isEqualTo("2026-01-01T13:00:00Z");
    assertThat(json.path("Counters").path("total_checked").longValue()).isEqualTo(2);
    assertThat(RepairTracker.first(clock.instant()).toJson().path("FinishedAt").textValue())
        .isEqualTo("0001-01-01T00:00:00Z");
    assertThat(new RepairLog(catalog).newest().orElseThrow().toJson()).isEqualTo(json);
  }

  @Test
  void repairLogLimit() {
    for (int i = 0; i < 4; i++) {
      run();
    }
    RepairLog trackers = new RepairLog(catalog);
    assertThat(trackers.newest(2)).hasSize(2);
    assertThat(trackers.newest(RepairLog.MOST))
        .extracting(RepairTracker::cursorI)
        .containsExactly(4, 3, 2, 1);
  }

  @Test
  void theLineOfALogSaysWhatAlarmsWatch() {
    push(repo("r"), "a", "b");
    run();
    lose("a");
    clock.advance(Duration.ofHours(1));
    String line = cycle().run(Optional.empty(), () -> false).logLine();
    assertThat(line)
        .startsWith(
            "{\"event\":\"repair\",\"outcome\":\"finished\",\"Finished\":1,\"Restored\":1,"
                + "\"LossDeclared\":0,\"IndexRefused\":0,\"cycle\":{")
        .doesNotContain("\n");
  }

  @Test
  void anIdleCycleCostsAListAPageAndAFewStatements() {
    run();
    run();
    assertThat(requests.count(RequestKind.S3_LIST)).isEqualTo(4);
    assertThat(requests.catalog()).isEqualTo(11);
  }

  @Test
  void withoutAReportTheBucketIsListed() {
    options = options.withInventory("inventory/sheaf/daily/");
    runNormal();
    // One for each kind, packs of git among them; one more looks for the report.
    assertThat(requests.count(RequestKind.S3_LIST)).isEqualTo(5);
  }

  /** Metrics add up the lines of all invocations: each tells of itself, the cycle of all. */
  @Test
  void eachLineCountsItsInvocationAlone() {
    options = options.withBatch(10);
    push(repo("r"), contents(25));
    runCleanup();
    clock.advance(Duration.ofHours(1));
    LyingStore lying =
        new LyingStore(bucket).onEveryPage(_ -> new ObjectStore.Page(List.of(), List.of(), null));
    JsonNode first = json(cycle(lying).run(Optional.empty(), afterQuestions(5)).logLine());
    // The last one, which the first run has not come to.
    lose(
        Arrays.stream(contents(25))
            .max(Comparator.comparing(content -> id(content)))
            .orElseThrow());
    JsonNode second = json(cycle().run(Optional.empty(), () -> false).logLine());
    assertThat(List.of(first, second))
        .extracting(
            line -> line.path("outcome").asText(), line -> line.path("IndexRefused").asInt())
        .containsExactly(tuple("continues", 1), tuple("finished", 0));
    assertThat(first.path("Restored").asInt()).isZero();
    assertThat(second.path("Restored").asInt()).isEqualTo(1);
    JsonNode counters = second.path("cycle").path("Counters");
    assertThat(counters.path("presence_index_build_fail").asInt()).isEqualTo(1);
    assertThat(counters.path("remade_from_bundle").asInt()).isEqualTo(1);
  }

  private static JsonNode json(String line) {
    try {
      return new ObjectMapper().readTree(line);
    } catch (JsonProcessingException e) {
      throw new AssertionError(line, e);
    }
  }

  /** Whoever graphs them knows these names, most of them from the original. */
  @Test
  void countersHaveTheirNames() {
    assertThat(Arrays.stream(Counter.values()).map(Counter::label))
        .contains(
            "total_checked",
            "repair_deduped",
            "already_have",
            "repair_known_present",
            "presence_index_hit",
            "presence_index_miss",
            "presence_index_entries",
            "presence_index_build_fail",
            "head_confirm",
            "list_requests",
            "read_attrs_fail",
            "read_blob_fail",
            "validate_read_fail",
            "delete_invalid_needed",
            "delete_invalid_success",
            "delete_invalid_fail",
            "pull_mine_needed",
            "pull_mine_fail",
            "pull_mine_success",
            "delete_over_replicated_needed",
            "delete_over_replicated_success",
            "delete_over_replicated_fail");
  }
}
