package dev.sheaf.repository.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.history.History;
import dev.sheaf.bundle.history.Manifest;
import dev.sheaf.bundle.history.Snapshot;
import dev.sheaf.bundle.msgpack.PackedMap;
import dev.sheaf.repository.BranchMoves;
import dev.sheaf.repository.CatalogTest;
import dev.sheaf.repository.Repo;
import dev.sheaf.repository.SiteLog;
import dev.sheaf.repository.intake.IncomingHistory;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.storage.counting.CountingCatalog;
import dev.sheaf.storage.counting.RequestCounts;
import dev.sheaf.testing.RandomisedTest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SnapshotsTest extends CatalogTest {
  private static Manifest manifest(int files, String suffix) {
    Map<String, ContentId> objects = new LinkedHashMap<>();
    for (int i = 0; i < files; i++) {
      objects.put("dir" + i % 7 + "/file" + i, id(i + suffix));
    }
    return new Manifest(objects);
  }

  /** Takes snapshots in as a bundle would bring them. */
  private void write(Repo repo, Snapshot... snapshots) throws IOException {
    IncomingHistory ingest =
        IncomingHistory.of(repo.repoId(), History.of(List.of(), List.of(snapshots), Map.of()));
    ingest.resolveSnapshots(catalog);
    write(repo, ingest);
  }

  private void write(Repo repo, IncomingHistory history) {
    BranchMoves.transaction(
        catalog,
        repo.repoId(),
        SiteLog.OFF,
        moves -> {
          history.writeSnapshots(moves);
          return true;
        });
  }

  private Manifest read(Repo repo, String id) {
    return new Snapshots(catalog).manifest(repo.repoId(), id).orElseThrow();
  }

  @Test
  void readsBackWhatADeltaMakes() throws IOException {
    Repo repo = newRepo();
    Manifest base = manifest(50, "");
    Map<String, ContentId> files = new LinkedHashMap<>(base.objects());
    files.remove("dir0/file0");
    files.put("nëw", id("new"));
    Manifest next = new Manifest(files);
    PackedMap extra = PackedMap.of(Map.of("nobody_knows", new byte[] {1, 2}));
    Snapshot delta = Snapshot.delta("b", "a", base, next).withExtra(extra);

    write(repo, delta, Snapshot.full("a", base));

    assertThat(read(repo, "a")).isEqualTo(base);
    assertThat(read(repo, "b")).isEqualTo(next);
    List<Snapshot> seen = new ArrayList<>();
    new Snapshots(catalog)
        .walk(
            repo.repoId(),
            List.of("b"),
            (snapshot, requested, manifest) -> {
              assertThat(requested).isEqualTo(snapshot.snapshotId().equals("b"));
              seen.add(snapshot);
            });
    assertThat(seen).extracting(Snapshot::snapshotId).containsExactly("a", "b");
    assertThat(seen.getLast().parentId()).isEqualTo("a");
    assertThat(seen.getLast().extra()).isEqualTo(extra);
  }

  @Test
  void knowsNothingOfOtherRepositories() throws IOException {
    Repo repo = newRepo();
    write(repo, Snapshot.full("a", manifest(3, "")));
    assertThat(new Snapshots(catalog).manifest(newRepo().repoId(), "a")).isEmpty();
    assertThatThrownBy(
            () -> new Snapshots(catalog).walk(repo.repoId(), List.of("a", "b"), (s, r, m) -> {}))
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CORRUPT));
  }

  @Test
  void aWideManifestIsReadInSlices() throws IOException {
    Repo repo = newRepo();
    Manifest wide = manifest(60_000, "wide");
    write(repo, Snapshot.full("wide", wide));
    assertThat(read(repo, "wide")).isEqualTo(wide);
    for (Rows.Row row :
        catalog.execute(
            Statement.of(
                    "select octet_length(data) as n from snapshot_chunks where repo_id = :repo")
                .text("repo", repo.repoId()))) {
      assertThat(row.number("n")).isLessThanOrEqualTo(45_000);
    }
  }

  @Test
  void chainsAreBoundedAndCostAboutTheirDeltas() throws IOException {
    Repo repo = newRepo();
    List<Snapshot> snapshots = new ArrayList<>();
    Manifest last = manifest(300, "");
    Manifest first = last;
    snapshots.add(Snapshot.full("s0", last));
    for (int i = 1; i <= 200; i++) {
      Map<String, ContentId> files = new LinkedHashMap<>(last.objects());
      files.put("dir1/file" + i, id("changed " + i));
      Manifest next = new Manifest(files);
      snapshots.add(Snapshot.delta("s" + i, "s" + (i - 1), last, next));
      last = next;
    }
    write(repo, snapshots.toArray(Snapshot[]::new));

    Rows.Row facts =
        catalog
            .execute(
                Statement.of(
                        """
                        select max(depth) as deepest, sum(body_bytes)::bigint as bytes,
                          count(*) filter (where base_id is null) as checkpoints
                        from snapshots where repo_id = :repo
                        """)
                    .text("repo", repo.repoId()))
            .first()
            .orElseThrow();
    assertThat(facts.number("deepest")).isEqualTo(31);
    assertThat(facts.number("checkpoints")).isEqualTo(7);
    assertThat(facts.number("bytes")).isLessThan(7 * 20_000 + 200 * 200);

    RequestCounts counts = new RequestCounts();
    Catalog counting = new CountingCatalog(catalog, counts);
    assertThat(new Snapshots(counting).manifest(repo.repoId(), "s200").orElseThrow())
        .isEqualTo(last);
    assertThat(read(repo, "s0")).isEqualTo(first);
    assertThat(counts.catalog()).isEqualTo(1);
  }

  @Test
  void deltasThatOutgrowTheirCheckpointEndTheChain() throws IOException {
    Repo repo = newRepo();
    Manifest last = manifest(4, "");
    List<Snapshot> snapshots = new ArrayList<>(List.of(Snapshot.full("s0", last)));
    for (int i = 1; i <= 10; i++) {
      Manifest next = manifest(4, "v" + i);
      snapshots.add(Snapshot.delta("s" + i, "s" + (i - 1), last, next));
      last = next;
    }
    write(repo, snapshots.toArray(Snapshot[]::new));
    long checkpoints =
        catalog
            .execute(
                Statement.of("select 1 from snapshots where repo_id = :repo and depth = 0")
                    .text("repo", repo.repoId()))
            .size();
    assertThat(checkpoints).isGreaterThan(4);
    assertThat(read(repo, "s10")).isEqualTo(last);
  }

  @Test
  void chainsGoOnAcrossBundles() throws IOException {
    Repo repo = newRepo();
    Manifest last = manifest(100, "");
    write(repo, Snapshot.full("s0", last));
    for (int i = 1; i <= 40; i++) {
      Map<String, ContentId> files = new LinkedHashMap<>(last.objects());
      files.put("dir1/file1", id("bundle " + i));
      Manifest next = new Manifest(files);
      write(repo, Snapshot.delta("s" + i, "s" + (i - 1), last, next));
      last = next;
    }
    assertThat(read(repo, "s40")).isEqualTo(last);
    assertThat(depth(repo, "s31")).isEqualTo(31);
    assertThat(depth(repo, "s32")).isZero();
    assertThat(depth(repo, "s40")).isEqualTo(8);
  }

  private long depth(Repo repo, String id) {
    return catalog
        .execute(
            Statement.of("select depth from snapshots where repo_id = :repo and snapshot_id = :id")
                .text("repo", repo.repoId())
                .text("id", id))
        .first()
        .orElseThrow()
        .number("depth");
  }

  @RandomisedTest(seeds = 2)
  void anyTreeOfDeltasReadsBack(long seed) throws IOException {
    Repo repo = newRepo();
    Random random = new Random(seed);
    Map<String, Manifest> all = new HashMap<>();
    for (int bundle = 0; bundle < 5; bundle++) {
      List<Snapshot> snapshots = new ArrayList<>();
      for (int i = 0; i < 60; i++) {
        String parent = all.isEmpty() ? null : "s" + random.nextInt(all.size());
        Manifest base = parent == null ? Manifest.EMPTY : at(all, parent);
        Manifest next = changed(base, random);
        String id = "s" + all.size();
        snapshots.add(
            random.nextInt(20) == 0 ? Snapshot.full(id, next) : delta(id, parent, base, next));
        all.put(id, next);
      }
      java.util.Collections.shuffle(snapshots, random);
      write(repo, snapshots.toArray(Snapshot[]::new));
    }
    Set<String> wanted = new HashSet<>();
    all.keySet().stream().filter(_ -> random.nextBoolean()).forEach(wanted::add);
    Set<String> visited = new HashSet<>();
    new Snapshots(catalog)
        .walk(
            repo.repoId(),
            wanted,
            (snapshot, requested, manifest) -> {
              assertThat(manifest.objects()).isEqualTo(at(all, snapshot.snapshotId()).objects());
              if (requested) {
                visited.add(snapshot.snapshotId());
              }
            });
    assertThat(visited).isEqualTo(wanted);
  }

  private static Manifest at(Map<String, Manifest> all, String id) {
    Manifest manifest = all.get(id);
    if (manifest == null) {
      throw new AssertionError(id);
    }
    return manifest;
  }

  private static Snapshot delta(String id, @Nullable String parent, Manifest base, Manifest next) {
    return Snapshot.delta(id, parent, base, next);
  }

  private static Manifest changed(Manifest base, Random random) {
    Map<String, ContentId> objects = new LinkedHashMap<>(base.objects());
    for (int i = 0; i < random.nextInt(6); i++) {
      String path = "p" + random.nextInt(40);
      objects.remove(path);
      if (random.nextInt(3) > 0) {
        objects.put(path, id("content " + random.nextInt(100)));
      }
    }
    return new Manifest(objects);
  }

  @Test
  void anIdWithOtherContentIsRefused() throws IOException {
    Repo repo = newRepo();
    write(repo, Snapshot.full("a", manifest(3, "")));
    assertThatThrownBy(() -> write(repo, Snapshot.full("a", manifest(4, ""))))
        .hasMessageContaining("snapshot a has 4 entries in the bundle and 3 in the repository");
  }

  @Test
  void whatCameInMeanwhileIsAConflict() throws IOException {
    Repo repo = newRepo();
    Snapshot snapshot = Snapshot.full("a", manifest(3, ""));
    IncomingHistory late =
        IncomingHistory.of(repo.repoId(), History.of(List.of(), List.of(snapshot), Map.of()));
    late.resolveSnapshots(catalog);
    write(repo, snapshot);
    assertThatThrownBy(() -> write(repo, late))
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CONFLICT));
  }

  @Test
  void aChainThatNoLongerAddsUpIsCorrupt() throws IOException {
    Repo repo = newRepo();
    write(repo, Snapshot.full("a", manifest(3, "")));
    catalog.execute(
        Statement.of("update snapshots set entry_count = 4 where repo_id = :repo")
            .text("repo", repo.repoId()));
    assertThatThrownBy(() -> read(repo, "a"))
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CORRUPT));
  }
}
