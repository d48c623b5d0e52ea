package dev.sheaf.repository;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.testing.Crash;
import dev.sheaf.testing.Faults;
import dev.sheaf.testing.FaultyCatalog;
import dev.sheaf.testing.FaultyObjectStore;
import dev.sheaf.testing.RandomisedTest;
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

/** Whatever comes after whatever: no object goes that can be read. */
class UnnamedObjectsRandomTest extends UnnamedObjectsFixture {
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
        UnnamedObjectsRandomTest.this.delete(one);
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
          .forEach(UnnamedObjectsRandomTest.this::delete);
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
