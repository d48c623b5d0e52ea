package dev.sheaf.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.codec.BundleReader;
import dev.sheaf.bundle.codec.HistoryCollector;
import dev.sheaf.bundle.codec.ReceivedObject;
import dev.sheaf.bundle.history.Commit;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.repository.column.PgArray;
import dev.sheaf.repository.history.Bundles;
import dev.sheaf.repository.merge.MergePlan;
import dev.sheaf.repository.merge.MergedKeys;
import dev.sheaf.repository.merge.Merges;
import dev.sheaf.storage.ForwardingObjectStore;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.testing.Crash;
import dev.sheaf.testing.Faults;
import dev.sheaf.testing.FaultyCatalog;
import dev.sheaf.testing.FaultyObjectStore;
import dev.sheaf.testing.GrantedObjectStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A clone of a muse repository gets few bundles, whatever number it was pushed in. */
class MergesTest extends PushTest {
  private static final Duration GRACE = Duration.ofDays(2);

  private int commits;

  @BeforeEach
  void begin() {
    commits = 0;
  }

  /** Bundles that are taken in, without the work that takes: merging looks at no object row. */
  private void add(int count) throws IOException {
    List<String> names = new ArrayList<>();
    List<byte[]> bundles = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      commits++;
      String name = "%s-c%d".formatted(repo.name(), commits);
      String parent = "%s-c%d".formatted(repo.name(), commits - 1);
      TestPush push = new TestPush();
      byte[] bundle = (commits == 1 ? push.commit(name) : push.commit(name, parent)).bundle();
      put(Ids.object(bundle), bundle);
      names.add(name);
      bundles.add(bundle);
    }
    catalog.execute(
        Statement.of(
                """
                with row as (
                  update repos set kind = 'muse', last_commit_seq = :last, last_bundle_seq = :last
                  where repo_id = :repo
                ), head as (
                  insert into branches (repo_id, name, head_commit_id) values (:repo, 'main', :head)
                  on conflict (repo_id, name) do update set head_commit_id = :head
                ), pushed as (
                  select name, bundle, size, :first + i - 1 as n
                  from unnest(:names::text[], :bundles::text[], :sizes::bigint[])
                    with ordinality as p (name, bundle, size, i)
                ), bundle as (
                  insert into bundles (repo_id, bundle, seq, size_bytes, state)
                  select :repo, bundle, n, size, 'indexed' from pushed
                )
                insert into commits (repo_id, commit_id, seq, parents, bundle_seq, branch, author,
                  subject, record)
                select :repo, name, n, case when n = 1 then '{}' else array[n::integer - 1] end,
                  n, 'main', '', '', '' from pushed
                """)
            .text("repo", repo.repoId())
            .text("head", names.getLast())
            .number("first", commits - count + 1)
            .number("last", commits)
            .text("names", PgArray.texts(names, name -> name))
            .text("bundles", PgArray.texts(bundles, bundle -> Ids.object(bundle).hex()))
            .text("sizes", PgArray.numbers(bundles, bundle -> bundle.length)));
  }

  private void put(ContentId name, byte[] bytes) {
    store.put(
        ObjectKeys.bundle(repo.owner(), repo.name(), name),
        Content.of(bytes),
        null,
        ObjectStore.Condition.ALWAYS,
        "application/x-msgpack");
  }

  private Merges merges(Faults faults) {
    return new Merges(
        new FaultyCatalog(catalog, faults),
        GrantedObjectStore.of(new FaultyObjectStore(store, faults), "CompactionRole"),
        spool,
        GRACE,
        clock);
  }

  private Merges.Report merge() {
    Merges merges = merges(Faults.none());
    return merges.carryOut(repo, merges.plan(repo));
  }

  private List<Bundles.Stored> plan(List<String> want, List<String> have) {
    return new Bundles(catalog).plan(repo.repoId(), want, have, null, 1_000, true).bundles();
  }

  private List<Bundles.Stored> plan() {
    return plan(List.of(), List.of());
  }

  /** Reads what a clone gets: every commit once, parents first, and what its snapshot needs. */
  private void requireWhole() throws IOException {
    List<String> seen = new ArrayList<>();
    Map<ContentId, byte[]> objects = new TreeMap<>();
    for (Bundles.Stored bundle : plan()) {
      String key =
          bundle.isMerged()
              ? ObjectKeys.merged(repo.owner(), repo.name(), bundle.bundle())
              : ObjectKeys.bundle(repo.owner(), repo.name(), bundle.bundle());
      try (InputStream in = store.get(key, ObjectStore.Read.WHOLE).orElseThrow().body()) {
        HistoryCollector collector =
            new HistoryCollector() {
              @Override
              public void object(ReceivedObject object) throws IOException {
                try (object) {
                  object.decode(raw -> objects.put(raw.id(), bytes(raw.content())));
                }
              }
            };
        assertThat(BundleReader.spoolingTo(spool).read(in, collector).sha256())
            .isEqualTo(bundle.bundle());
        List<String> inThis = collector.history().commits().stream().map(Commit::commitId).toList();
        for (Commit commit : collector.history().commits()) {
          for (String parent : commit.parentIds()) {
            assertThat(seen.contains(parent) || inThis.contains(parent)).as(parent).isTrue();
          }
        }
        assertThat(seen).doesNotContainAnyElementsOf(inThis);
        seen.addAll(inThis);
      }
    }
    assertThat(seen).hasSize(commits);
    assertThat(objects).hasSize(commits);
    objects.forEach((id, bytes) -> assertThat(Ids.object(bytes)).isEqualTo(id));
  }

  private static byte[] bytes(Content content) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (InputStream in = content.open()) {
      in.transferTo(out);
    }
    return out.toByteArray();
  }

  private long keys() {
    return store.keys().stream().filter(key -> key.startsWith(ObjectKeys.MERGED)).count();
  }

  @Test
  void aCloneAfterAThousandPushesGetsTwelveBundlesAtMost() throws IOException {
    for (int day = 0; day < 10; day++) {
      add(100);
      merge();
      assertThat(plan()).hasSizeLessThanOrEqualTo(12);
    }
    requireWhole();
    // A clone of last week pulls what is new, and not what it has.
    String have = repo.name() + "-c997";
    assertThat(plan(List.of(), List.of(have))).hasSize(3).noneMatch(Bundles.Stored::isMerged);
    clock.advance(GRACE.plusHours(1));
    merge();
    assertThat(keys()).isEqualTo(plan().stream().filter(Bundles.Stored::isMerged).count());
    requireWhole();
  }

  /** Of this test's repository: others share the catalog. */
  private List<MergedKeys.Fault> faults() {
    return faults(store);
  }

  private List<MergedKeys.Fault> faults(ObjectStore shown) {
    return new MergedKeys(catalog, shown)
        .faults(clock.instant()).stream()
            .filter(fault -> fault.repoId().equals(repo.repoId()))
            .toList();
  }

  private void mend() {
    faults().forEach(fault -> new MergedKeys(catalog, store).mend(fault, clock.instant()));
  }

  private String oneMerged() {
    return store.keys().stream()
        .filter(key -> key.startsWith(ObjectKeys.mergedOf(repo.owner(), repo.name())))
        .findFirst()
        .orElseThrow();
  }

  /** Clones would do without what was in it for ever, and no merge touched it again. */
  @Test
  void aMergedBundleThatIsGoneOrDamagedGivesItsBundlesBack() throws IOException {
    add(20);
    merge();
    assertThat(faults()).isEmpty();
    String key = oneMerged();
    byte[] flipped = store.bytes(key).clone();
    flipped[flipped.length / 2] ^= 1;
    for (Runnable damage :
        List.<Runnable>of(
            () -> store.delete(List.of(oneMerged())),
            () -> store.plant(oneMerged(), "short".getBytes(StandardCharsets.UTF_8)),
            () -> store.plant(oneMerged(), flipped))) {
      damage.run();
      assertThat(faults()).hasSize(1);
      mend();
      assertThat(faults()).isEmpty();
      assertThat(plan()).hasSizeGreaterThan(8);
      requireWhole();
      assertThat(merges(Faults.none()).candidates()).contains(repo());
      merge();
      assertThat(plan()).hasSizeLessThanOrEqualTo(12).anyMatch(Bundles.Stored::isMerged);
      assertThat(faults()).isEmpty();
      requireWhole();
    }
  }

  @Test
  void aListingIsNotBelievedThatAMergedBundleIsGone() throws IOException {
    add(20);
    merge();
    ObjectStore showsNothing =
        new ForwardingObjectStore(store) {
          @Override
          public Page list(
              String prefix, @Nullable String delimiter, @Nullable String continuation) {
            return new Page(List.of(), List.of(), null);
          }
        };
    assertThat(faults(showsNothing)).isEmpty();
  }

  /** As of a merge that died before its row was written, in a repository where nothing happens. */
  @Test
  void aMergedBundleThatNobodyNamesGoes() throws IOException {
    add(20);
    merge();
    long before = keys();
    store.plant(
        ObjectKeys.merged(repo.owner(), repo.name(), Ids.object(new byte[] {1})), new byte[] {1});
    clock.advance(GRACE);
    assertThat(faults()).as("it may be about to get its row").isEmpty();
    clock.advance(Duration.ofDays(6));
    assertThat(faults()).hasSize(1).allMatch(MergedKeys.Fault::isSurplus);
    mend();
    assertThat(faults()).isEmpty();
    clock.advance(GRACE.plusHours(1));
    assertThat(merges(Faults.none()).candidates()).contains(repo());
    merge();
    assertThat(keys()).isEqualTo(before);
    requireWhole();
  }

  @Test
  void aPlanSaysWhatItWouldDoAndDoesNot() throws IOException {
    add(8);
    assertThat(merges(Faults.none()).plan(repo).groups()).as("few are left alone").isEmpty();
    add(4);
    assertThat(merges(Faults.none()).candidates()).contains(repo());
    MergePlan plan = merges(Faults.none()).plan(repo);
    assertThat(plan.groups()).isNotEmpty();
    assertThat(keys()).isZero();
    assertThat(plan()).hasSize(12);
    assertThat(merges(Faults.none()).carryOut(repo, plan).merged()).isGreaterThan(8);
    assertThat(merges(Faults.none()).carryOut(repo, plan).isLost()).as("twice at once").isTrue();
    requireWhole();
  }

  private Repo repo() {
    return new Repos(catalog).byId(repo.repoId()).orElseThrow();
  }

  /** It builds perhaps on the one before it. */
  @Test
  void nothingIsMergedAcrossABundleThatIsStillToBeTakenIn() throws IOException {
    add(12);
    catalog.execute(
        Statement.of("update bundles set state = 'pending' where repo_id = :repo and seq = 5")
            .text("repo", repo.repoId()));
    assertThat(merges(Faults.none()).plan(repo).groups()).isEmpty();
  }

  /** Repair has dropped it, as only other sites are to have it. */
  @Test
  void nothingIsMergedAcrossABundleThatIsNotHere() throws IOException {
    add(12);
    ContentId others = plan().get(4).bundle();
    store.delete(List.of(ObjectKeys.bundle(repo.owner(), repo.name(), others)));
    assertThat(merge().merged()).isEqualTo(11);
    List<Bundles.Stored> plan = plan();
    assertThat(plan).hasSize(3);
    assertThat(plan.get(1).bundle()).isEqualTo(others);
    assertThat(merge().merged()).as("nor does each run try it again").isZero();
  }

  @Test
  void aBundleWithOtherBytesIsNotMerged() throws IOException {
    add(12);
    Bundles.Stored one = plan().get(3);
    put(one.bundle(), new TestPush().commit("other").bundle());
    assertThatThrownBy(this::merge)
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CORRUPT))
        .hasMessageContaining(one.bundle().hex());
    assertThat(plan()).hasSize(12);
    assertThat(keys()).isZero();
  }

  /** It dies at each request in turn; clones are whole all the time, and nothing is left over. */
  @Test
  void itMayDieAnywhere() throws IOException {
    add(9);
    Faults none = Faults.none();
    merges(none).carryOut(repo, merges(none).plan(repo));
    requireWhole();
    for (int request = 1; request <= none.requests() + 2; request++) {
      add(9);
      Faults faults =
          Faults.at(
              request, request % 2 == 0 ? Faults.Way.CRASHES_AFTER : Faults.Way.CRASHES_BEFORE);
      try {
        merges(faults).carryOut(repo, merges(faults).plan(repo));
      } catch (Crash | SheafException e) {
        requireWhole();
      }
      merge();
      requireWhole();
      clock.advance(GRACE.plusHours(1));
      merge();
      assertThat(keys())
          .as("%s", faults.log())
          .isEqualTo(plan().stream().filter(Bundles.Stored::isMerged).count());
      requireWhole();
    }
  }

  /** In the first hundred there is nothing to do for ever: their bundles are large. */
  @Test
  void everyRepositoryHasItsTurn() {
    int repositories = 150;
    catalog.execute(
        Statement.of(
                """
                with made as (
                  insert into repos (repo_id, owner, name, shown, kind, created_at)
                  select 'turn-' || n, 'turn', 'r' || n, 'r' || n, 'muse', now()
                  from generate_series(1, :repositories) n returning repo_id
                )
                insert into bundles (repo_id, bundle, seq, size_bytes, state)
                select repo_id, md5(repo_id || b) || md5(b::text), b, 64 << 20, 'indexed'
                from made, generate_series(1, 9) b
                """)
            .number("repositories", repositories));
    Set<String> seen = new HashSet<>();
    for (int turn = 0; turn < 20; turn++) {
      clock.advance(Duration.ofMinutes(5));
      merges(Faults.none()).candidates().stream()
          .filter(candidate -> candidate.owner().equals("turn"))
          .forEach(candidate -> seen.add(candidate.name()));
    }
    catalog.execute(Statement.of("delete from bundles where repo_id like 'turn-%'"));
    assertThat(seen).hasSize(repositories);
  }
}
