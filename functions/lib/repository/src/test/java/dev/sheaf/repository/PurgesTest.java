package dev.sheaf.repository;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.codec.BundleReader;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.git.GitKeys;
import dev.sheaf.git.RepoPath;
import dev.sheaf.repository.intake.Pushes;
import dev.sheaf.repository.inventory.RecordRows;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.testing.Crash;
import dev.sheaf.testing.Faults;
import dev.sheaf.testing.FaultyCatalog;
import dev.sheaf.testing.FaultyObjectStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Deleted repositories go after their time, without a trace, and no other one with them. */
class PurgesTest extends PushTest {
  private static final Duration PASS = Duration.ofHours(2);

  @SuppressWarnings("NullAway.Init")
  private String before;

  @BeforeEach
  void fill() throws IOException {
    catalog.execute(Statement.of("delete from repos where deleted_at is not null"));
    fill(repo);
    before = dump(repo.repoId());
  }

  /** A repository with something in every place where a repository may have something. */
  private void fill(Repo of) throws IOException {
    byte[] bundle = new TestPush().commit("a").head("main", "a").bundle();
    pushes()
        .readNow(
            new Pushes.Request(
                of, Ids.object(bundle), bundle.length, Map.of("main", "a"), false, Map.of(), NOW),
            BundleReader.spoolingTo(spool),
            new ByteArrayInputStream(bundle));
    fillPlaces(of);
  }

  private void fillPlaces(Repo of) {
    byte[] bundle = {1};
    RepoPath path = new RepoPath(of.owner(), of.name());
    put(ObjectKeys.bundle(of.owner(), of.name(), Ids.object(bundle)), "bundle");
    put(GitKeys.key(path, Ids.object(bundle), GitKeys.Part.PACK), "pack");
    put(GitKeys.key(path, Ids.object(bundle), GitKeys.Part.INDEX), "index");
    put(GitKeys.manifest(path), "{\"repo_id\":\"" + of.repoId() + "\"}");
    put(ObjectKeys.merged(of.owner(), of.name(), Ids.object(bundle)), "merged");
    put(ObjectKeys.incoming(of.owner(), of.name(), Ids.object(bundle)), "incoming");
    writeDown(of);
    catalog.execute(
        Statement.of(
                """
                with refs as (
                  insert into git_refs (repo_id, name, target) values (:repo, 'x', 'y')
                ), packs as (
                  insert into git_packs (repo_id, pack, size_bytes, objects)
                  values (:repo, 'p', 1, 1)
                ), merged as (
                  insert into merged_bundles (repo_id, merged, size_bytes, bundles, created_at)
                  values (:repo, 'm', 1, 1, now())
                ), moves as (
                  insert into job_moves (job_id, branch, head_commit_id)
                  select job_id, 'b', 'c' from jobs where repo_id = :repo
                )
                insert into lost (kind, id, key, reason, failed_cycles, first_failed_at,
                  last_failed_at, last_cycle, exhaustive, try_after)
                values ('bundle', :repo || '/b', 'k', 'r', 1, now(), now(), now(), false, now())
                """)
            .text("repo", of.repoId()));
  }

  private void put(String key, String text) {
    store.put(
        key, Content.of(text.getBytes(UTF_8)), null, ObjectStore.Condition.ALWAYS, "text/plain");
  }

  private void writeDown(Repo of) {
    put(
        ObjectKeys.record(of.owner(), of.name()),
        new RecordRows(catalog).record(of.repoId()).orElseThrow().toString());
  }

  private Deletions deletions() {
    return new Deletions(catalog, log);
  }

  private Purges purges() {
    return purges(Faults.none());
  }

  private Purges purges(Faults faults) {
    return new Purges(
        new FaultyCatalog(catalog, faults), new FaultyObjectStore(store, faults), log);
  }

  private void delete() {
    deletions().delete(repo.repoId(), clock.instant());
    writeDown(repo);
  }

  /** One run; whether something was freed. */
  private boolean run(Purges purges) {
    boolean isFreed = false;
    for (Purges.Step step : purges.plan(clock.instant())) {
      isFreed |= purges.carryOut(step, clock.instant()).isFreed();
    }
    return isFreed;
  }

  /** What each table holds of a repository, but for the repository's own row; empty for nothing. */
  private List<String> rows(String repoId) {
    List<String> rows = new ArrayList<>();
    catalog
        .execute(
            Statement.of(
                    """
                    with held as (
                      select c.relname as name, (xpath('/row/held/text()', query_to_xml(format(
                        'select string_agg(to_jsonb(t)::text, chr(10) order by to_jsonb(t)::text)
                           as held from %I t where %s',
                        c.relname, case c.relname when 'lost' then format('id like %L', :repo || '/%')
                          else format('repo_id = %L', :repo) end), false, true, '')))[1]::text as rows
                      from pg_class c
                      where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r'
                        and c.relname <> 'repos' and (c.relname = 'lost' or exists (
                          select 1 from pg_attribute a
                          where a.attrelid = c.oid and a.attname = 'repo_id'))
                    )
                    select name, rows from held where rows is not null order by name
                    """)
                .text("repo", repoId))
        .forEach(row -> rows.add(row.text("name") + " " + row.text("rows")));
    return rows;
  }

  private String dump(String repoId) {
    return String.join("\n", rows(repoId)) + "\n" + keys(repo);
  }

  private List<String> keys(Repo of) {
    String place = of.owner() + "/" + of.name();
    return store.keys().stream()
        .filter(key -> key.contains(place + "/") || key.endsWith(place + ".json"))
        .filter(key -> !key.startsWith(ObjectKeys.RECORDS) || key.endsWith(place + ".json"))
        .sorted()
        .toList();
  }

  @Test
  void allOfItGoesAfterItsTimeAndAnotherOneGetsTheName() throws IOException {
    Repo neighbour = newRepo();
    fill(neighbour);
    // Its keys begin like those of the one that goes.
    Repo namesake =
        new Repos(catalog)
            .findOrCreate(repo.owner(), repo.name() + ".json", repo.repoId() + "-2", NOW);
    fill(namesake);
    List<String> others = new ArrayList<>(rows(neighbour.repoId()));
    others.addAll(rows(namesake.repoId()));
    List<String> otherKeys = new ArrayList<>(keys(neighbour));
    otherKeys.addAll(keys(namesake));
    assertThat(keys(repo)).hasSizeGreaterThan(5);

    delete();
    clock.advance(Deletions.GRACE.minusSeconds(1));
    assertThat(purges().plan(clock.instant()))
        .singleElement()
        .satisfies(step -> {
          assertThat(step.action()).isEqualTo(Purges.Action.KEEP);
          assertThat(step.reason()).contains("can be taken back until");
        });
    run(purges());
    assertThat(dump(repo.repoId())).isEqualTo(before);

    clock.advance(Duration.ofSeconds(1));
    Purges.Step step = purges().plan(clock.instant()).getFirst();
    assertThat(step.action()).isEqualTo(Purges.Action.BEGIN);
    assertThat(dump(repo.repoId())).as("a plan changes nothing").isEqualTo(before);
    Purges.Done done = purges().carryOut(step, clock.instant());
    assertThat(done.keys()).isPositive();
    assertThat(done.isFreed()).isFalse();
    assertThat(rows(repo.repoId())).isEmpty();
    assertThat(keys(repo)).isEmpty();
    assertThat(run(purges())).as("a function may be at it still").isFalse();
    assertThatThrownBy(() -> deletions().undo(repo.repoId(), clock.instant()))
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CONFLICT));
    assertThatThrownBy(() -> new Repos(catalog).findOrCreate(repo.owner(), repo.name(), "new", NOW))
        .hasMessageContaining("keeps its name");

    clock.advance(PASS);
    assertThat(run(purges())).isTrue();
    Repo next = new Repos(catalog).findOrCreate(repo.owner(), repo.name(), repo + "-3", NOW);
    assertThat(next.repoId()).isNotEqualTo(repo.repoId());
    assertThat(rows(next.repoId())).isEmpty();
    assertThat(keys(next)).isEmpty();
    List<String> left = new ArrayList<>(rows(neighbour.repoId()));
    left.addAll(rows(namesake.repoId()));
    assertThat(left).isEqualTo(others);
    List<String> leftKeys = new ArrayList<>(keys(neighbour));
    leftKeys.addAll(keys(namesake));
    assertThat(leftKeys).isEqualTo(otherKeys);
  }

  @Test
  void whoeverWritesInItMeanwhileIsStoppedBeforeItGoes() {
    delete();
    clock.advance(Deletions.GRACE);
    GitState.lock(catalog, repo.repoId());
    run(purges());
    assertThatThrownBy(() -> GitState.lock(catalog, repo.repoId()))
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.NOT_FOUND));
    // And what such a function left all the same is found by the next pass.
    put(GitKeys.of(new RepoPath(repo.owner(), repo.name())) + "late.pack", "late");
    clock.advance(PASS);
    assertThat(run(purges())).isFalse();
    assertThat(keys(repo)).isEmpty();
    assertThat(run(purges())).isTrue();
  }

  @Test
  void aPlanThatWasTakenBackMeanwhileDoesNothing() {
    delete();
    clock.advance(Deletions.GRACE);
    Purges.Step step = purges().plan(clock.instant()).getFirst();
    deletions().undo(repo.repoId(), clock.instant());
    assertThat(purges().carryOut(step, clock.instant())).isEqualTo(Purges.Done.NOTHING);
    writeDown(repo);
    assertThat(dump(repo.repoId())).isEqualTo(before);
    // Deleted again, its time begins again.
    delete();
    assertThat(purges().carryOut(step, clock.instant())).isEqualTo(Purges.Done.NOTHING);
    assertThat(purges().plan(clock.instant()).getFirst().action()).isEqualTo(Purges.Action.KEEP);
  }

  @Test
  void aCatalogThatWasSetBackDeletesNothing() {
    delete();
    clock.advance(Deletions.GRACE);
    Purges.Step step = purges().plan(clock.instant()).getFirst();
    put(GitKeys.manifest(new RepoPath(repo.owner(), repo.name())), "{\"repo_id\":\"another one\"}");
    assertThatThrownBy(() -> purges().carryOut(step, clock.instant()))
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CORRUPT))
        .hasMessageContaining("sheaf rebuild");
    assertThat(dump(repo.repoId())).isEqualTo(before);
  }

  @Test
  void nothingGoesBeforeTheBucketSaysThatItIsDeleted() {
    deletions().delete(repo.repoId(), clock.instant());
    clock.advance(Deletions.GRACE);
    Purges.Step step = purges().plan(clock.instant()).getFirst();
    assertThatThrownBy(() -> purges().carryOut(step, clock.instant()))
        .hasMessageContaining("does not say so yet");
    assertThat(dump(repo.repoId())).isEqualTo(before);
    writeDown(repo);
    assertThat(purges().carryOut(step, clock.instant()).keys()).isPositive();
  }

  /** A request fails, or the process dies at it, at each in turn; the next runs finish. */
  @Test
  void itMayBreakOffAnywhere() {
    Faults none = Faults.none();
    delete();
    clock.advance(Deletions.GRACE);
    run(purges(none));
    for (int request = 1; request <= none.requests(); request++) {
      repo = newRepo();
      fillPlaces(repo);
      delete();
      clock.advance(Deletions.GRACE);
      Faults faults =
          Faults.at(request, request % 2 == 0 ? Faults.Way.CRASHES_BEFORE : Faults.Way.FAILS_AFTER);
      try {
        run(purges(faults));
      } catch (Crash | SheafException e) {
        assertThat(faults.happened()).isTrue();
      }
      run(purges());
      clock.advance(PASS);
      assertThat(run(purges())).as("%s", faults.log()).isTrue();
      assertThat(rows(repo.repoId())).isEmpty();
      assertThat(keys(repo)).isEmpty();
    }
  }

  @Test
  void onlyTheHomeSaysWhen() {
    catalog.execute(
        Statement.of("update repos set home = 'https://home.example' where repo_id = :repo")
            .text("repo", repo.repoId()));
    delete();
    clock.advance(Deletions.GRACE.multipliedBy(3));
    SiteLog elsewhere = new SiteLog("https://here.example", "https://here.example", Random::new);
    Purges here = new Purges(catalog, store, elsewhere);
    assertThat(here.plan(clock.instant()).getFirst().reason())
        .isEqualTo("its home https://home.example says when");
    assertThat(run(here)).isFalse();
    assertThat(keys(repo)).isNotEmpty();
    Instant told = clock.instant();
    catalog.execute(
        Statement.of("update repos set purged_at = :at::timestamptz where repo_id = :repo")
            .text("repo", repo.repoId())
            .text("at", told.toString()));
    run(here);
    assertThat(keys(repo)).isEmpty();
    clock.advance(PASS);
    assertThat(run(here)).isTrue();
  }
}
