package dev.sheaf.repository;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.repository.history.ObjectRows;
import dev.sheaf.repository.history.UnnamedObjects;
import dev.sheaf.repository.history.UnnamedObjects.Action;
import dev.sheaf.repository.inventory.Inventory;
import dev.sheaf.repository.job.Jobs;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.testing.Crash;
import dev.sheaf.testing.Faults;
import dev.sheaf.testing.FaultyCatalog;
import dev.sheaf.testing.StoreChecker;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Objects go that no repository names, and no other, whatever happens meanwhile. */
class UnnamedObjectsTest extends UnnamedObjectsFixture {
  @Test
  void whatTwoHaveStaysUntilBothAreGone() throws IOException {
    Repo other = newRepo();
    pushStored(repo, first());
    pushStored(other, first());
    remove(repo);
    assertThat(objects(Faults.none()).plan())
        .hasSize(2)
        .allSatisfy(step -> {
          assertThat(step.action()).isEqualTo(Action.KEEP);
          assertThat(step.reason()).isEqualTo("a repository names it");
        });
    sweep();
    clock.advance(DUE);
    sweep();
    requireReadable(other, first().objects());
    StoreChecker.requireSound(store, catalog);

    remove(other);
    assertThat(objects(Faults.none()).plan())
        .hasSize(2)
        .allSatisfy(step -> {
          assertThat(step.action()).isEqualTo(Action.MARK);
          assertThat(step.reason()).isEqualTo("no repository names it; it goes PT48H later");
        });
    assertThat(sweep().marked()).isEqualTo(2);
    assertThat(keys()).hasSize(2);
    clock.advance(UnnamedObjects.GRACE);
    assertThat(objects(Faults.none()).plan()).isEmpty();
    clock.advance(Duration.ofSeconds(1));
    assertThat(objects(Faults.none()).plan())
        .extracting(s -> s.action())
        .containsOnly(Action.DELETE);
    UnnamedObjects.Done done = sweep();
    assertThat(done.deleted()).isEqualTo(2);
    assertThat(done.bytes())
        .isEqualTo(first().objects().values().stream().mapToLong(b -> b.length).sum());
    requireNothingLeft();
  }

  @Test
  void whatItCosts() throws IOException {
    pushStored(repo, first());
    Faults nothing = Faults.none();
    sweep(nothing);
    assertThat(nothing.requests()).isEqualTo(1);

    remove(repo);
    Faults marking = Faults.none();
    sweep(marking);
    // Plan, mark, and the plan that finds nothing more.
    assertThat(marking.requests()).isEqualTo(3);

    clock.advance(DUE);
    Faults deleting = Faults.none();
    sweep(deleting);
    // Plan; begin, lock, a DELETE each, forget, commit; and the plan that finds nothing more.
    assertThat(deleting.log()).hasSize(1 + 4 + 2 + 1);
    assertThat(deleting.log()).filteredOn(request -> request.startsWith("DELETE")).hasSize(2);
  }

  @Test
  void aLookUpIsOneStatementWhateverIsMarked() throws IOException {
    pushStored(repo, first());
    remove(repo);
    Faults before = Faults.none();
    lookUp(before);
    assertThat(before.requests()).isEqualTo(1);
    sweep();
    Faults after = Faults.none();
    assertThat(lookUp(after)).isEmpty();
    assertThat(after.requests()).as("nobody sees by it what others had").isEqualTo(1);
  }

  private Map<ContentId, ObjectRows.Standing> lookUp(Faults faults) {
    return new ObjectRows(new FaultyCatalog(catalog, faults))
        .standing("r", first().objects().keySet(), clock.instant());
  }

  @Test
  void whatIsMarkedIsSentAgainAndStays() throws IOException {
    pushStored(repo, first());
    remove(repo);
    sweep();
    clock.advance(DUE);
    Repo next = newRepo();
    pushStored(next, first());
    assertThat(sweep().deleted()).isZero();
    assertThat(count("objects where marked_at is not null")).isZero();
    requireReadable(next, first().objects());
    StoreChecker.requireSound(store, catalog);
  }

  @Test
  void whoAsksKeepsWhatIsMarkedForTheWholeGrace() throws IOException {
    pushStored(repo, first());
    remove(repo);
    sweep();
    clock.advance(DUE);
    lookUp(Faults.none());
    clock.advance(UnnamedObjects.GRACE);
    assertThat(sweep().deleted()).isZero();
    clock.advance(Duration.ofSeconds(1));
    assertThat(sweep().deleted()).isEqualTo(2);
  }

  @Test
  void aPushThatTookTooLongIsNotTakenIn() throws IOException {
    ObjectStore slow =
        new Interrupted(
            store, _ -> clock.advance(UnnamedObjects.GRACE.dividedBy(2).plusSeconds(1)));
    assertThatThrownBy(() -> pushStored(repo, first(), slow, catalog, () -> {}))
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.UNAVAILABLE))
        .hasMessageContaining("send it again");
    assertThat(count("object_refs")).isZero();
  }

  /** The bytes are gone, and the row is not: what is pushed to the catalog must not rely on it. */
  @Test
  void aSmallPushIsReadableAtOnceAfterADeletionThatWasCutOff() throws IOException {
    pushStored(repo, first());
    remove(repo);
    sweep();
    clock.advance(DUE);
    crashBefore("commit");
    assertThat(keys()).isEmpty();
    assertThat(count("objects")).isEqualTo(2);

    Repo next = newRepo();
    pushCached(next, first(), catalog);
    requireReadable(next, first().objects());
    finishJobs(next);
    requireReadable(next, first().objects());
    StoreChecker.requireSound(store, catalog);
  }

  /** The process dies before the first request of a name. */
  private void crashBefore(String request) {
    Faults faults;
    int at = 0;
    do {
      faults = Faults.at(++at, Faults.Way.CRASHES_BEFORE);
      Faults next = faults;
      assertThatThrownBy(() -> sweep(next)).isInstanceOf(Crash.class);
    } while (!faults.log().getLast().equals(request));
  }

  @Test
  void whatIsWrittenMeanwhileIsNotDeleted() throws IOException {
    pushStored(repo, first());
    remove(repo);
    sweep();
    clock.advance(DUE);
    ContentId one = first().objects().keySet().iterator().next();
    catalog.execute(
        Statement.of("update objects set etag = 'another' where object_id = :id")
            .text("id", one.hex()));
    assertThat(sweep().deleted()).isEqualTo(1);
    assertThat(keys()).containsExactly(ObjectKeys.object(one));
    clock.advance(DUE);
    assertThat(sweep().deleted()).isEqualTo(1);
    requireNothingLeft();
  }

  @Test
  void repairLetsGoWhatIsMarked() throws IOException {
    pushStored(repo, first());
    assertThat(new Inventory(catalog).objects("", null, 9))
        .hasSize(2)
        .noneMatch(Inventory.Item::isMarked);
    remove(repo);
    sweep();
    assertThat(new Inventory(catalog).objects("", null, 9)).allMatch(Inventory.Item::isMarked);
    clock.advance(Duration.ofDays(1));
    assertThat(new Inventory(catalog).sample(clock.instant(), 0, 0, Inventory.PLACES))
        .noneMatch(key -> key.startsWith(ObjectKeys.OBJECTS));
  }

  /** What a job stages is named by it, and by nobody when it is given up. */
  @Test
  void whatAGivenUpJobHasStoredGoes() throws IOException {
    byte[] bundle = first().bundle();
    pushes().readLater(request(repo, first(), bundle));
    Jobs.Claim claim = jobs().claimNext(repo.repoId(), STALE).orElseThrow();
    ContentId staged = id("staged");
    store.put(
        ObjectKeys.object(staged),
        Content.of("staged".getBytes(UTF_8)),
        staged,
        ObjectStore.Condition.ALWAYS,
        "text/plain");
    new ObjectRows(catalog)
        .putProven(
            repo.repoId(),
            claim.job().jobId(),
            List.of(new ObjectRows.Stored(staged, 6, null)),
            store.bucket(),
            NOW);
    assertThat(sweep().looked()).isZero();
    jobs().fail(claim, "broken", true);
    assertThat(sweep().marked()).isEqualTo(1);
    clock.advance(DUE);
    assertThat(sweep().deleted()).isEqualTo(1);
    requireNothingLeft();
  }

  @Test
  void everyRequestMayFailOrBeTheLast() throws IOException {
    int requests = 8;
    for (int at = 1; at <= requests; at++) {
      for (Faults.Way way : Faults.Way.values()) {
        repo = newRepo();
        pushStored(repo, first());
        remove(repo);
        Faults marking = Faults.at(at, way);
        attempt(() -> sweep(marking));
        sweep();
        clock.advance(DUE);
        Faults deleting = Faults.at(at, way);
        attempt(() -> sweep(deleting));
        assertThat(deleting.happened()).as("%s", deleting.log()).isTrue();
        Repo next = newRepo();
        pushStored(next, new TestPush().commit("a").head("main", "a"));
        requireReadable(next, new TestPush().commit("a").objects());
        sweep();
        requireReadable(next, new TestPush().commit("a").objects());
        StoreChecker.requireSound(store, catalog);
        remove(next);
        sweep();
        clock.advance(DUE);
        sweep();
        requireNothingLeft();
      }
    }
  }
}
