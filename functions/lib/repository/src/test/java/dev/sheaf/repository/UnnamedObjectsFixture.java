package dev.sheaf.repository;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.codec.BundleReader;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.repository.history.RepositoryObjects;
import dev.sheaf.repository.history.UnnamedObjects;
import dev.sheaf.repository.intake.Intake;
import dev.sheaf.repository.intake.Limits;
import dev.sheaf.repository.intake.Promotion;
import dev.sheaf.repository.intake.Pushes;
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
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;

/** Pushes, deletions, purges and the passes that let objects go, each with faults or without. */
abstract class UnnamedObjectsFixture extends PushTest {
  private static final Duration PASS = Duration.ofHours(2);
  static final Duration DUE = UnnamedObjects.GRACE.plusSeconds(1);

  @BeforeEach
  void forgetOthers() {
    for (String table : List.of("dropped_names", "object_proofs", "jobs", "repos")) {
      catalog.execute(Statement.of("delete from " + table));
    }
    repo = newRepo();
  }

  UnnamedObjects objects(Faults faults) {
    return new UnnamedObjects(
        new FaultyCatalog(catalog, faults), new FaultyObjectStore(store, faults), clock);
  }

  UnnamedObjects.Done sweep() {
    return sweep(Faults.none());
  }

  UnnamedObjects.Done sweep(Faults faults) {
    UnnamedObjects.Done all = UnnamedObjects.Done.NOTHING;
    UnnamedObjects.Done page;
    do {
      page = objects(faults).carryOut(objects(faults).plan());
      all = all.and(page);
    } while (page.looked() > 0);
    return all;
  }

  void delete(Repo of) {
    new Deletions(catalog, log).delete(of.repoId(), clock.instant());
    writeDown(of);
  }

  void writeDown(Repo of) {
    String record = new RecordRows(catalog).record(of.repoId()).orElseThrow().toString();
    store.put(
        ObjectKeys.record(of.owner(), of.name()),
        Content.of(record.getBytes(UTF_8)),
        null,
        ObjectStore.Condition.ALWAYS,
        "application/json");
  }

  void purge(Faults faults) {
    Purges purges =
        new Purges(new FaultyCatalog(catalog, faults), new FaultyObjectStore(store, faults), log);
    for (Purges.Step step : purges.plan(clock.instant())) {
      purges.carryOut(step, clock.instant());
    }
  }

  /** Deleted, and purged when its time is over. */
  void remove(Repo of) {
    delete(of);
    clock.advance(Deletions.GRACE);
    purge(Faults.none());
    clock.advance(PASS);
    purge(Faults.none());
  }

  /** A push whose objects all go into the store. */
  void pushStored(Repo into, TestPush push, ObjectStore through, Catalog on, Runnable keep)
      throws IOException {
    byte[] bundle = push.bundle();
    new Pushes(ports(on, through), new Jobs(on, clock, ids, log))
        .takeIn(
            request(into, push, bundle), BundleReader.spoolingTo(spool), Content.of(bundle), keep);
  }

  void pushStored(Repo into, TestPush push) throws IOException {
    pushStored(into, push, store, catalog, () -> {});
  }

  /** A push whose objects stay in the catalog until a job stores them. */
  void pushCached(Repo into, TestPush push, Catalog on) throws IOException {
    byte[] bundle = push.bundle();
    new Pushes(ports(on, store), new Jobs(on, clock, ids, log))
        .readNow(
            request(into, push, bundle),
            BundleReader.spoolingTo(spool),
            new ByteArrayInputStream(bundle));
  }

  Intake.Ports ports(Catalog on, ObjectStore through) {
    return new Intake.Ports(on, through, clock, Limits.of(8, 2), log);
  }

  static Pushes.Request request(Repo into, TestPush push, byte[] bundle) {
    return new Pushes.Request(
        into,
        Ids.object(bundle),
        bundle.length,
        push.history().branchHeads(),
        false,
        Map.of(),
        NOW);
  }

  void finishJobs(Repo of) {
    new Promotion(ports(catalog, store)).promote(of.repoId());
    Jobs jobs = jobs();
    jobs.claimNext(of.repoId(), STALE).ifPresent(claim -> jobs.finish(claim, "{}"));
  }

  static TestPush first() {
    return new TestPush().commit("a").commit("b", "a").head("main", "b");
  }

  List<String> keys() {
    return store.keys().stream().filter(key -> key.startsWith(ObjectKeys.OBJECTS)).toList();
  }

  long count(String what) {
    return catalog
        .execute(Statement.of("select count(*) as n from " + what))
        .first()
        .orElseThrow()
        .number("n");
  }

  void requireReadable(Repo of, Map<ContentId, byte[]> contents) throws IOException {
    RepositoryObjects objects = new RepositoryObjects(catalog, store);
    for (var content : contents.entrySet()) {
      var location = objects.locate(of.repoId(), content.getKey()).orElseThrow();
      try (var in = objects.open(location, 0, -1)) {
        assertThat(in.readAllBytes()).isEqualTo(content.getValue());
      }
    }
  }

  void requireNothingLeft() {
    assertThat(count("objects")).isZero();
    assertThat(count("dropped_names")).isZero();
    assertThat(keys()).isEmpty();
  }

  static void attempt(Runnable work) {
    try {
      work.run();
    } catch (Crash | SheafException e) {
      // It is done again.
    }
  }

  /** Something happens before an object is put, and after it. */
  static final class Interrupted extends ForwardingObjectStore {
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
}
