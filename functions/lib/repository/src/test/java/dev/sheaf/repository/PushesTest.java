package dev.sheaf.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.codec.BundleReader;
import dev.sheaf.bundle.codec.WireObject;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.repository.history.Commits;
import dev.sheaf.repository.history.ObjectRows;
import dev.sheaf.repository.history.RepositoryObjects;
import dev.sheaf.repository.history.Snapshots;
import dev.sheaf.repository.intake.IncomingHistory;
import dev.sheaf.repository.intake.Intake;
import dev.sheaf.repository.intake.Limits;
import dev.sheaf.repository.intake.Pushes;
import dev.sheaf.repository.job.Job;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.storage.counting.CountingCatalog;
import dev.sheaf.storage.counting.RequestCounts;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PushesTest extends PushTest {
  private static final Map<String, String> MAIN_A = Map.of("main", "a");
  private static final Map<String, String> MAIN_B = Map.of("main", "b");

  private static TestPush first() {
    return new TestPush().commit("a").head("main", "a");
  }

  private static TestPush second() {
    return new TestPush().commit("b", "a").head("main", "b");
  }

  private static TestPush other() {
    return new TestPush().commit("x").head("main", "x");
  }

  @Test
  void p01FetchBeforeWorkerReturnsBytes() throws IOException {
    TestPush push = first().commit("empty", Map.of("empty", new byte[0]), "a");
    Pushes.Result result = push(push.head("main", "empty"));

    assertThat(result.branchHeads()).isEqualTo(Map.of("main", "empty"));
    assertThat(result.job().status()).isEqualTo(Job.Status.PENDING);
    assertThat(result.wakeUp()).isFalse();
    assertThat(result.ingested()).isEqualTo(new IncomingHistory.Counts(2, 2, 3, 2));
    for (var object : push.objects().entrySet()) {
      assertThat(read(object.getKey())).isEqualTo(object.getValue());
    }
    assertThat(store.keys()).isEmpty();
    assertThat(new Snapshots(catalog).manifest(repo.repoId(), "s-empty").orElseThrow().objects())
        .containsOnlyKeys("a", "empty");
  }

  @Test
  void p04Over1MiBObjectNeverCached() throws IOException {
    byte[] allowed = new byte[1 << 20];
    byte[] over = new byte[(1 << 20) + 1];
    TestPush push = new TestPush().commit("a", Map.of("allowed", allowed, "over", over));
    push(push.head("main", "a"));

    assertThat(store.keys()).containsExactly(ObjectKeys.object(Ids.object(over)));
    assertThat(objects().locate(repo.repoId(), Ids.object(allowed)).orElseThrow().isCached())
        .isTrue();
    assertThat(read(Ids.object(allowed))).isEqualTo(allowed);
    assertThat(read(Ids.object(over))).isEqualTo(over);
  }

  @Test
  void beyond16MiBObjectsGoStraightToTheStore() throws IOException {
    Map<String, byte[]> files = new LinkedHashMap<>();
    for (int i = 0; i < 20; i++) {
      byte[] content = new byte[1 << 20];
      content[0] = (byte) i;
      files.put("f" + i, content);
    }
    push(new TestPush().commit("a", files).head("main", "a"));
    assertThat(store.keys()).hasSize(4);
    for (byte[] content : files.values()) {
      assertThat(read(Ids.object(content))).isEqualTo(content);
    }
  }

  @Test
  void aBundleThatInflatesTooFarIsLeftToAWorker() throws IOException {
    byte[] bundle =
        CompressedZeros.bundle(new TestPush().commit("a", Map.of()).history(), 300, (1 << 20) + 1);
    Pushes.Result result = readNow(request(bundle, MAIN_A), bundle);

    assertThat(result.ingested()).isNull();
    assertThat(result.branchHeads()).isEqualTo(MAIN_A);
    assertThat(new Commits(catalog).known(repo.repoId(), List.of("a"))).isEmpty();
  }

  @Test
  void objectsThatAreStoredAreNeitherCachedNorPut() throws IOException {
    TestPush push = first();
    ContentId id = push.objects().keySet().iterator().next();
    new ObjectRows(catalog)
        .putStored(List.of(new ObjectRows.Stored(id, 12, "\"e\"")), store.bucket(), NOW);
    push(push);
    RepositoryObjects.Location location = objects().locate(repo.repoId(), id).orElseThrow();
    assertThat(objects().readCached(List.of(location))).isEmpty();
    assertThat(objects().presign(location, Duration.ofMinutes(1)))
        .as("that others have it is not told")
        .isEmpty();
    assertThat(store.keys()).isEmpty();
  }

  @Test
  void p07NonFastForward() throws IOException {
    push(first());
    TestPush push = other();
    assertThatThrownBy(() -> push(push))
        .isInstanceOfSatisfying(
            NotFastForwardException.class,
            e -> {
              assertThat(e.kind()).isEqualTo(ErrorKind.CONFLICT);
              assertThat(e.rejections())
                  .containsExactly(new BranchMoves.Rejection("main", "a", "x"));
            });
    assertThat(heads()).isEqualTo(MAIN_A);
    assertThat(new Commits(catalog).known(repo.repoId(), List.of("x"))).isEmpty();
    assertThat(jobs().list(repo.repoId(), 9)).hasSize(1);
  }

  @Test
  void p08ForceMovesBranch() throws IOException {
    push(first());
    byte[] bundle = other().bundle();
    readNow(forced(bundle, Map.of("main", "x")), bundle);
    assertThat(heads()).isEqualTo(Map.of("main", "x"));
  }

  @Test
  void p09SameBundleTwiceOneJob() throws IOException {
    Pushes.Result once = push(first());
    Pushes.Result twice = push(first());
    assertThat(twice.job().jobId()).isEqualTo(once.job().jobId());
    finishJob();
    Pushes.Result thrice = push(first());
    assertThat(thrice.job().status()).isEqualTo(Job.Status.DONE);
    assertThat(jobs().list(repo.repoId(), 9)).hasSize(1);
  }

  @Test
  void fastForwardThroughHistoryWithAnEmptyBundle() throws IOException {
    push(first());
    push(new TestPush().commit("b", "a").commit("c", "b").head("topic", "c"));
    byte[] empty = new TestPush().bundle();
    readNow(request(empty, Map.of("main", "c")), empty);
    assertThat(heads()).isEqualTo(Map.of("main", "c", "topic", "c"));
    assertThatThrownBy(() -> readNow(request(empty, MAIN_B), empty))
        .isInstanceOf(NotFastForwardException.class);
  }

  @Test
  void anEmptyListOfHeadsStandsForThoseOfTheBundle() throws IOException {
    byte[] bundle = first().bundle();
    readNow(request(bundle, Map.of()), bundle);
    assertThat(heads()).isEqualTo(MAIN_A);
  }

  @Test
  void refusesWhatIsMissing() throws IOException {
    assertRefused(second(), "s-b builds on s-a");
    assertRefused(first().head("main", "nobody"), "nobody");
    TestPush ghost = new TestPush().commit("a").head("main", "a");
    ContentId missing = ghost.objects().keySet().iterator().next();
    assertRefused(ghost.without(missing), "1 snapshot object(s) not registered: " + missing.hex());
  }

  @Test
  void refusesObjectsOfOtherRepositories() throws IOException {
    push(first());
    TestPush again = first();
    ContentId id = again.objects().keySet().iterator().next();
    createRepo();
    assertRefused(again.without(id), "not registered");
  }

  @Test
  void refusesAnObjectThatIsNotWhatItSays() throws IOException {
    ContentId lie = Ids.object(new byte[] {1});
    byte[] bundle =
        CompressedZeros.bundle(
            first().history(), List.of(WireObject.raw(lie, Content.of(new byte[] {2}))));
    assertThatThrownBy(() -> readNow(request(bundle, MAIN_A), bundle))
        .isInstanceOf(SheafException.class)
        .hasMessageContaining(lie.hex());
    assertNothingThere();
  }

  private void assertRefused(TestPush push, String reason) throws IOException {
    byte[] bundle = push.bundle();
    assertThatThrownBy(() -> readNow(request(bundle, push.history().branchHeads()), bundle))
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INVALID))
        .hasMessageContaining(reason);
    assertNothingThere();
  }

  private void assertNothingThere() {
    assertThat(heads()).isEmpty();
    for (String table : List.of("commits", "snapshots", "object_refs", "bundles", "jobs")) {
      assertThat(
              catalog
                  .execute(
                      Statement.of("select 1 from " + table + " where repo_id = :repo")
                          .text("repo", repo.repoId()))
                  .size())
          .as(table)
          .isZero();
    }
  }

  @Test
  void unreadBundlesMoveBranchesByWhatTheClientExpects() throws IOException {
    byte[] one = first().bundle();
    byte[] two = second().bundle();
    pushes().readLater(request(one, MAIN_A));

    assertThatThrownBy(() -> pushes().readLater(request(two, MAIN_B)))
        .isInstanceOf(UndecidedException.class)
        .hasMessageContaining("expected_heads")
        .hasMessageContaining("(a)");
    assertThatThrownBy(() -> pushes().readLater(expecting(two, MAIN_B, Map.of("main", "z"))))
        .isInstanceOf(MovedOnException.class);
    Pushes.Result result = pushes().readLater(expecting(two, MAIN_B, MAIN_A));
    assertThat(result.branchHeads()).isEqualTo(MAIN_B);
    assertThat(result.ingested()).isNull();
  }

  /** Other jobs are none of its business when everything that it builds on is there. */
  @Test
  void aSmallPushIsReadAtOnceWhileOtherJobsAreActive() throws IOException {
    push(first());
    pushes().readLater(request(other().bundle(), Map.of("side", "x")));
    Pushes.Result result = push(second());
    assertThat(result.ingested()).isNotNull();
    assertThat(result.branchHeads()).isEqualTo(Map.of("main", "b", "side", "x"));
  }

  @Test
  void aPushOnTopOfAnUnreadOneIsBusyOrAcceptedButNeverRefused() throws IOException {
    pushes().readLater(request(first().bundle(), MAIN_A));
    byte[] two = second().bundle();
    assertThatThrownBy(() -> readNow(request(two, MAIN_B), two))
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.UNAVAILABLE))
        .hasMessageNotContaining("force");
    assertThat(heads()).isEqualTo(MAIN_A);
    Pushes.Result result = readNow(expecting(two, MAIN_B, MAIN_A), two);
    assertThat(result.ingested()).isNull();
    assertThat(result.job().decision()).isEqualTo(Job.Decision.MOVED);
    assertThat(heads()).isEqualTo(MAIN_B);
  }

  @Test
  void aForcedPushMovesABranchOnlyFromWhereItsClientSawIt() throws IOException {
    push(first());
    push(second());
    byte[] rewind = other().bundle();
    Map<String, String> toX = Map.of("main", "x");
    Pushes.Request stale =
        new Pushes.Request(
            repo, Ids.object(rewind), rewind.length, toX, true, Map.of("main", "a"), NOW);
    assertThatThrownBy(() -> readNow(stale, rewind)).isInstanceOf(MovedOnException.class);
    assertThat(heads()).isEqualTo(MAIN_B);
  }

  /** Its answer was lost, so the client asks again; meanwhile somebody else has pushed. */
  @Test
  void aForcedAnnouncementThatIsRepeatedUndoesNoLaterPush() throws IOException {
    push(first());
    byte[] forced = other().bundle();
    readNow(forced(forced, Map.of("main", "x")), forced);
    TestPush later = new TestPush().commit("y", "x").head("main", "y");
    push(later);
    assertThatThrownBy(() -> readNow(forced(forced, Map.of("main", "x")), forced))
        .isInstanceOf(MovedOnException.class)
        .hasMessageContaining("expected_heads");
    assertThatThrownBy(() -> pushes().readLater(forced(forced, Map.of("main", "x"))))
        .isInstanceOf(MovedOnException.class);
    assertThat(heads()).isEqualTo(Map.of("main", "y"));
  }

  @Test
  void aForcedAnnouncementThatIsRepeatedAfterItsJobFailedUndoesNoLaterPush() throws IOException {
    push(first());
    finishJob();
    byte[] forced = other().bundle();
    pushes().readLater(forced(forced, Map.of("main", "x")));
    failJob();
    push(second());
    assertThatThrownBy(() -> pushes().readLater(forced(forced, Map.of("main", "x"))))
        .isInstanceOf(MovedOnException.class);
    assertThat(heads()).isEqualTo(MAIN_B);
  }

  @Test
  void whatALaterPushStandsForIsNotTakenBack() throws IOException {
    pushes().readLater(request(first().bundle(), MAIN_A));
    byte[] same = first().commit("side").head("side", "side").bundle();
    readNow(request(same, MAIN_A), same);
    failJob();
    assertThat(heads()).isEqualTo(MAIN_A);
  }

  @Test
  void refusesNamesAndNumbersBeyondTheLimits() throws IOException {
    assertRefused(first().head("n".repeat(301), "a"), "255 characters");
    TestPush many = first();
    for (int i = 0; i < 20_001; i++) {
      many.head("b" + i, "a");
    }
    assertRefused(many, "20000 are the most");
  }

  @Test
  void divergedBranchesAreFoundWithFewStatements() throws IOException {
    TestPush one = new TestPush().commit("root");
    TestPush two = new TestPush();
    for (int i = 0; i < 200; i++) {
      one.commit("a" + i, "root").head("b" + i, "a" + i);
      two.commit("z" + i, "root").head("b" + i, "z" + i);
    }
    push(one);
    byte[] bundle = two.bundle();
    RequestCounts counts = new RequestCounts();
    Pushes counted =
        new Pushes(
            new Intake.Ports(
                new CountingCatalog(catalog, counts), store, clock, Limits.of(32, 2), log),
            jobs());
    assertThatThrownBy(() ->
            counted.readNow(
                request(bundle, two.history().branchHeads()),
                BundleReader.spoolingTo(spool),
                new ByteArrayInputStream(bundle)))
        .isInstanceOf(NotFastForwardException.class);
    assertThat(counts.catalog()).isLessThan(40);
  }

  @Test
  void aFailedPushGivesItsBranchBack() throws IOException {
    push(first());
    finishJob();
    pushes().readLater(expecting(second().bundle(), MAIN_B, MAIN_A));
    pushes().readLater(request(new TestPush().commit("n").bundle(), Map.of("new", "n")));
    failJob();
    assertThat(heads()).isEqualTo(Map.of("main", "a", "new", "n"));
    failJob();
    assertThat(heads()).isEqualTo(MAIN_A);
  }

  @Test
  void aFailedPushDoesNotTouchABranchThatHasMovedOn() throws IOException {
    byte[] third = new TestPush().commit("c", "b").bundle();
    push(first());
    finishJob();
    pushes().readLater(expecting(second().bundle(), MAIN_B, MAIN_A));
    pushes().readLater(expecting(third, Map.of("main", "c"), MAIN_B));
    failJob();
    assertThat(heads()).isEqualTo(Map.of("main", "c"));
    // What was built on it falls back behind it.
    failJob();
    assertThat(heads()).isEqualTo(MAIN_A);
  }

  @Test
  void pushedAgainAfterItFailedABundleGetsAnotherJob() throws IOException {
    byte[] bundle = first().bundle();
    Pushes.Result once = pushes().readLater(request(bundle, MAIN_A));
    failJob();
    assertThat(heads()).isEmpty();
    Pushes.Result again = pushes().readLater(request(bundle, MAIN_A));
    assertThat(again.wakeUp()).isTrue();
    assertThat(again.job().jobId()).isNotEqualTo(once.job().jobId());
    assertThat(again.job().status()).isEqualTo(Job.Status.PENDING);
    assertThat(heads()).isEqualTo(MAIN_A);
  }

  @Test
  void theAnnouncementOfAnUploadThatIsIndexedMovesByAncestry() throws IOException {
    push(first());
    finishJob();
    byte[] bundle = second().bundle();
    push(second().head("main", "b"));
    finishJob();
    byte[] later = first().bundle();
    assertThatThrownBy(() -> pushes().readLater(request(later, MAIN_A)))
        .isInstanceOf(NotFastForwardException.class);
    assertThat(pushes().readLater(request(bundle, MAIN_B)).job().status())
        .isEqualTo(Job.Status.DONE);
  }
}
