package dev.sheaf.repository;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.codec.BundleReader;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.repository.history.ObjectRows;
import dev.sheaf.repository.history.RepositoryObjects;
import dev.sheaf.repository.history.UnnamedObjects;
import dev.sheaf.repository.history.UnnamedObjects.Action;
import dev.sheaf.repository.intake.Intake;
import dev.sheaf.repository.intake.Limits;
import dev.sheaf.repository.intake.Promotion;
import dev.sheaf.repository.intake.Pushes;
import dev.sheaf.repository.inventory.Inventory;
import dev.sheaf.repository.inventory.RecordRows;
import dev.sheaf.repository.job.Jobs;
import dev.sheaf.storage.ForwardingObjectStore;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.testing.Crash;
import dev.sheaf.testing.Faults;
import dev.sheaf.testing.FaultyCatalog;
import dev.sheaf.testing.FaultyObjectStore;
import dev.sheaf.testing.RandomisedTest;
import dev.sheaf.testing.StoreChecker;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Objects go that no repository names, and no other, whatever happens meanwhile. */
class UnnamedObjectsTest extends PushTest {
  private static final Duration PASS = Duration.ofHours(2);
  private static final Duration DUE = UnnamedObjects.GRACE.plusSeconds(1);

  @BeforeEach
  void forgetOthers() {
    for (String table : List.of("dropped_names", "object_proofs", "jobs", "repos")) {
      catalog.execute(Statement.of("delete from " + table));
    }
    repo = newRepo();
  }

  // What is done, each with faults or without.

  private UnnamedObjects objects(Faults faults) {
    return new UnnamedObjects(
        new FaultyCatalog(catalog, faults), new FaultyObjectStore(store, faults), clock);
  }

  private UnnamedObjects.Done sweep() {
    return sweep(Faults.none());
  }

  private UnnamedObjects.Done sweep(Faults faults) {
    UnnamedObjects.Done all = UnnamedObjects.Done.NOTHING;
    UnnamedObjects.Done page;
    do {
      page = objects(faults).carryOut(objects(faults).plan());
      all = all.and(page);
    } while (page.looked() > 0);
    return all;
  }

  private void delete(Repo of) {
    new Deletions(catalog, log).delete(of.repoId(), clock.instant());
    writeDown(of);
  }

  private void writeDown(Repo of) {
    String record = new RecordRows(catalog).record(of.repoId()).orElseThrow().toString();
    store.put(
        ObjectKeys.record(of.owner(), of.name()),
        Content.of(record.getBytes(UTF_8)),
        null,
        ObjectStore.Condition.ALWAYS,
        "application/json");
  }

  private void purge(Faults faults) {
    Purges purges =
        new Purges(new FaultyCatalog(catalog, faults), new FaultyObjectStore(store, faults), log);
    for (Purges.Step step : purges.plan(clock.instant())) {
      purges.carryOut(step, clock.instant());
    }
  }

  /** Deleted, and purged when its time is over. */
  private void remove(Repo of) {
    delete(of);
    clock.advance(Deletions.GRACE);
    purge(Faults.none());
    clock.advance(PASS);
    purge(Faults.none());
  }

  /** A push whose objects all go into the store. */
  private void pushStored(Repo into, TestPush push, ObjectStore through, Catalog on, Runnable keep)
      throws IOException {
    byte[] bundle = push.bundle();
    new Pushes(ports(on, through), new Jobs(on, clock, ids, log))
        .takeIn(
            request(into, push, bundle), BundleReader.spoolingTo(spool), Content.of(bundle), keep);
  }

  private void pushStored(Repo into, TestPush push) throws IOException {
    pushStored(into, push, store, catalog, () -> {});
  }

  /** A push whose objects stay in the catalog until a job stores them. */
  private void pushCached(Repo into, TestPush push, Catalog on) throws IOException {
    byte[] bundle = push.bundle();
    new Pushes(ports(on, store), new Jobs(on, clock, ids, log))
        .readNow(
            request(into, push, bundle),
            BundleReader.spoolingTo(spool),
            new ByteArrayInputStream(bundle));
  }

  private Intake.Ports ports(Catalog on, ObjectStore through) {
    return new Intake.Ports(on, through, clock, Limits.of(8, 2), log);
  }

  private static Pushes.Request request(Repo into, TestPush push, byte[] bundle) {
    return new Pushes.Request(
        into,
        Ids.object(bundle),
        bundle.length,
        push.history().branchHeads(),
        false,
        Map.of(),
        NOW);
  }

  private void finishJobs(Repo of) {
    new Promotion(ports(catalog, store)).promote(of.repoId());
    Jobs jobs = jobs();
    jobs.claimNext(of.repoId(), STALE).ifPresent(claim -> jobs.finish(claim, "{}"));
  }

  private static TestPush first() {
    return new TestPush().commit("a").commit("b", "a").head("main", "b");
  }

  private List<String> keys() {
    return store.keys().stream().filter(key -> key.startsWith(ObjectKeys.OBJECTS)).toList();
  }

  private long count(String what) {
    return catalog
        .execute(Statement.of("select count(*) as n from " + what))
        .first()
        .orElseThrow()
        .number("n");
  }

  private void requireReadable(Repo of, Map<ContentId, byte[]> contents) throws IOException {
    RepositoryObjects objects = new RepositoryObjects(catalog, store);
    for (var content : contents.entrySet()) {
      var location = objects.locate(of.repoId(), content.getKey()).orElseThrow();
      try (var in = objects.open(location, 0, -1)) {
        assertThat(in.readAllBytes()).isEqualTo(content.getValue());
      }
    }
  }

  private void requireNothingLeft() {
    assertThat(count("objects")).isZero();
    assertThat(count("dropped_names")).isZero();
    assertThat(keys()).isEmpty();
  }

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

  private static void attempt(Runnable work) {
    try {
      work.run();
    } catch (Crash | SheafException e) {
      // It is done again.
    }
  }

  /** Something happens before an object is put, and after it. */
  private static final class Interrupted extends ForwardingObjectStore {
    private final Consumer<String> meanwhile;

    Interrupted(ObjectStore next, Consumer<String> meanwhile) {
      super(next);
      this.meanwhile = meanwhile;
    }

    @Override
    public synchronized PutResult put(
        String key,
        Content body,
        @Nullable ContentId sha256,
        Condition condition,
        String contentType) {
      meanwhile.accept("before " + key);
      PutResult result = super.put(key, body, sha256, condition, contentType);
      meanwhile.accept("after " + key);
      return result;
    }
  }

  /**
   * Repositories with contents in common are pushed to, deleted, taken back and purged while
   * objects go and requests fail: what was acknowledged can be read all the time, and in the end
   * nothing is left.
   */
  @RandomisedTest(seeds = 12)
  void nothingThatCanBeReadIsEverMissing(long seed) throws IOException {
    new Simulation(new Random(seed)).run();
  }

  private final class Simulation {
    private static final int STEPS = 50;
    private static final int CONTENTS = 5;

    private final Random random;
    private final Map<String, Repo> repos = new TreeMap<>();
    private final Map<String, Map<ContentId, byte[]>> acknowledged = new HashMap<>();
    private final Map<String, Integer> pushes = new HashMap<>();
    private final Set<String> deleted = new HashSet<>();
    private final Set<String> refused = new HashSet<>();
    private final List<String> story = new ArrayList<>();

    Simulation(Random random) {
      this.random = random;
    }

    void run() throws IOException {
      try {
        for (int i = 0; i < STEPS; i++) {
          step();
          requireAllReadable();
        }
        end();
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError(String.join("\n", story), e);
      }
    }

    private void step() throws IOException {
      switch (random.nextInt(12)) {
        case 0, 1, 2 -> push(true);
        case 3 -> push(false);
        case 4 -> finishJobs(some());
        case 5, 6 -> delete();
        case 7 -> undo();
        default -> housekeeping(faults(12));
      }
    }

    private Repo some() {
      if (repos.size() < 2 && (repos.isEmpty() || random.nextInt(3) == 0)) {
        Repo made = newRepo();
        repos.put(made.repoId(), made);
      }
      List<Repo> all = List.copyOf(repos.values());
      return all.get(random.nextInt(all.size()));
    }

    private Faults faults(int requests) {
      Faults.Way[] ways = Faults.Way.values();
      return random.nextInt(3) > 0
          ? Faults.none()
          : Faults.at(1 + random.nextInt(requests), ways[random.nextInt(ways.length)]);
    }

    /** Purges, marks and deletes, and lets time go by. */
    private void housekeeping(Faults faults) {
      story.add("housekeeping at " + clock.instant());
      attempt(() -> purge(faults));
      attempt(() -> sweep(faults));
      clock.advance(
          random.nextInt(3) == 0 ? Deletions.GRACE : Duration.ofHours(1 + random.nextInt(60)));
      attempt(() -> purge(faults));
      attempt(() -> sweep(faults));
      repos.values().removeIf(one -> isPurged(one.repoId()));
      acknowledged.keySet().retainAll(repos.keySet());
    }

    private boolean isPurged(String repoId) {
      return catalog
              .execute(
                  Statement.of(
                          "select 1::bigint as n from repos"
                              + " where repo_id = :repo and purged_at is null")
                      .text("repo", repoId))
              .size()
          == 0;
    }

    private void push(boolean isStored) throws IOException {
      Repo into = some();
      if (deleted.contains(into.repoId())) {
        return;
      }
      TestPush push = push(into);
      Faults faults = faults(14);
      story.add("push " + isStored + " " + into.repoId() + " " + push.objects().keySet());
      Catalog on = new FaultyCatalog(catalog, faults);
      try {
        if (isStored) {
          ObjectStore through =
              new Interrupted(new FaultyObjectStore(store, faults), this::meanwhile);
          pushStored(into, push, through, on, () -> meanwhile("before commit"));
        } else {
          pushCached(into, push, on);
        }
        acknowledged.computeIfAbsent(into.repoId(), _ -> new HashMap<>()).putAll(push.objects());
      } catch (Crash | SheafException e) {
        story.add("  " + e);
        push.objects().keySet().forEach(id -> refused.add(ObjectKeys.object(id)));
      }
    }

    /** Each is a history of its own on a branch of its own. */
    private TestPush push(Repo into) {
      String name = "c" + pushes.merge(into.repoId(), 1, Integer::sum);
      Map<String, byte[]> files = new HashMap<>();
      for (int i = 1 + random.nextInt(3); i > 0; i--) {
        int content = random.nextInt(CONTENTS);
        files.put("f" + content, ("content " + content).getBytes(UTF_8));
      }
      return new TestPush().commit(name, files).head(name, name);
    }

    private void meanwhile(String when) {
      if (random.nextInt(3) == 0) {
        story.add("  " + when);
        attempt(() -> purge(Faults.none()));
        attempt(() -> sweep(faults(8)));
        clock.advance(Duration.ofHours(random.nextInt(16)));
        attempt(() -> sweep(faults(8)));
      }
    }

    private void delete() {
      Repo one = some();
      if (deleted.add(one.repoId())) {
        story.add("delete " + one.repoId());
        UnnamedObjectsTest.this.delete(one);
      }
    }

    private void undo() {
      for (String repoId : List.copyOf(deleted)) {
        Repo one = repos.get(repoId);
        if (one != null && random.nextBoolean() && !isPurged(repoId)) {
          story.add("undo " + repoId);
          new Deletions(catalog, log).undo(repoId, clock.instant());
          writeDown(one);
          deleted.remove(repoId);
        }
      }
    }

    private void requireAllReadable() throws IOException {
      for (var of : acknowledged.entrySet()) {
        Repo one = repos.get(of.getKey());
        if (one != null && !isPurged(of.getKey())) {
          requireReadable(one, of.getValue());
        }
      }
    }

    private void end() {
      Collection<Repo> left = List.copyOf(repos.values());
      left.stream()
          .filter(one -> deleted.add(one.repoId()))
          .forEach(UnnamedObjectsTest.this::delete);
      clock.advance(Deletions.GRACE);
      for (int i = 0; i < 3; i++) {
        purge(Faults.none());
        sweep();
        clock.advance(DUE);
      }
      assertThat(count("object_refs")).isZero();
      assertThat(count("objects")).isZero();
      assertThat(count("dropped_names")).isZero();
      // What a push has put that failed is in no catalog; repair counts it.
      assertThat(refused).containsAll(keys());
    }
  }
}
