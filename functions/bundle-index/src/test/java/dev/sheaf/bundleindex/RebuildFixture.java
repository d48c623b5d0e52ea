package dev.sheaf.bundleindex;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.FileContent;
import dev.sheaf.repair.rebuild.Rebuild;
import dev.sheaf.repair.rebuild.RepositoryRecords;
import dev.sheaf.repository.PublicRepos;
import dev.sheaf.repository.Repo;
import dev.sheaf.repository.Repos;
import dev.sheaf.repository.SiteLog;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.testing.TestGit;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A site whose catalog is dropped and made anew out of its bucket. */
abstract class RebuildFixture extends GitTest {
  /**
   * What is compared. History of jobs and prepared answers are not kept; nor are ETags, which
   * repair notes when it has proven them, the number of the push that moved a branch, and when rows
   * that no record tells of came to be. Uploads of git repositories have become packs.
   */
  private static final Map<String, String> TABLES = new LinkedHashMap<>();

  static {
    TABLES.put(
        "repos",
        "to_jsonb(t) - '{manifest_etag,op_ulid,pushed_at,rebuilt_as_of,rebuilt_at}'::text[]");
    TABLES.put("objects", "to_jsonb(t) - '{created_at,etag}'::text[]");
    TABLES.put("object_refs", "to_jsonb(t) - 'created_at'");
    TABLES.put("snapshots", "to_jsonb(t)");
    TABLES.put("snapshot_chunks", "to_jsonb(t)");
    TABLES.put("commits", "to_jsonb(t)");
    TABLES.put("branches", "to_jsonb(t) - '{moved_by,op_ulid}'::text[]");
    TABLES.put("git_refs", "to_jsonb(t) - '{updated_at,op_ulid}'::text[]");
    TABLES.put("git_packs", "to_jsonb(t) - '{created_at,etag,index_etag,op_ulid}'::text[]");
    TABLES.put(
        "(select b.* from bundles b join repos using (repo_id) where kind = 'muse')",
        "to_jsonb(t) - '{etag,op_ulid}'::text[]");
  }

  final List<String> steps = new ArrayList<>();
  SiteLog log = SiteLog.OFF;
  Function<ContentId, Optional<FileContent>> peers = _ -> Optional.empty();

  @TempDir Path brought;

  @BeforeEach
  void emptyRecords() {
    catalog.execute(Statement.of("truncate repo_records"));
    queue.drain();
  }

  List<String> tables() {
    List<String> rows = new ArrayList<>();
    TABLES.forEach((table, columns) ->
        catalog
            .execute(
                Statement.of(
                    "select (%s)::text as row from %s t order by 1".formatted(columns, table)))
            .forEach(row -> rows.add(table + " " + row.text("row"))));
    return rows;
  }

  /** As whoever looks after the site does each hour. */
  void writeDown() {
    new RepositoryRecords(catalog, store).write(() -> false);
  }

  void dropCatalog() {
    emptyCatalog();
    emptyRecords();
    catalog.execute(Statement.of("update known_bucket set is_known = false"));
  }

  Rebuild.Progress rebuild(ObjectStore bucket, Catalog database, boolean isDry) {
    Rebuild.Ports ports = new Rebuild.Ports(database, bucket, log, peers, () -> queue, clock, ids);
    return new Rebuild(ports, isDry, step -> steps.add(step.toString())).run();
  }

  /** As often as it takes; workers run in between. */
  void rebuild() {
    for (int round = 0; round < 10; round++) {
      Rebuild.Progress progress = rebuild(store, catalog, false);
      queue.drain().forEach(this::handle);
      if (progress.steps() == 0 && progress.waiting() == 0) {
        return;
      }
    }
    throw new AssertionError("it comes to no end: " + steps);
  }

  static final class Writer {
    TestHistory history = new TestHistory();
    final List<String> commits = new ArrayList<>();
    private int count;

    byte[] next(Random random) {
      history = history.next();
      for (int i = 0; i <= random.nextInt(3); i++) {
        String parent =
            commits.isEmpty()
                ? null
                : commits.get(Math.max(0, commits.size() - 1 - random.nextInt(2)));
        Map<String, String> changes =
            Map.of("file " + random.nextInt(5), "content " + count++ + " " + random.nextInt(9));
        commits.add(
            parent == null
                ? history.commit("c" + count, changes)
                : history.commit("c" + count, changes, parent));
      }
      return history
          .head(random.nextBoolean() ? "main" : "dev " + count, commits.getLast())
          .bundle();
    }
  }

  void pushMuse(String name, Writer writer, Random random) {
    push(name, writer.next(random));
    clock.advance(Duration.ofSeconds(90));
    if (random.nextInt(3) == 0) { // a branch is moved back, without a bundle
      catalog.execute(
          Statement.of(
                  """
                  update branches set head_commit_id = :head, updated_at = :now::timestamptz
                  where repo_id = :repo and name = (select min(name) from branches where repo_id = :repo)
                  """)
              .text("repo", repo(name).repoId())
              .text("head", writer.commits.getFirst())
              .text("now", clock.instant().toString()));
    }
  }

  void pushGit(String name, TestGit git, int n) {
    String before = n == 0 ? "" : git.id("main");
    String commit = git.commit("file " + n % 3, "content " + n);
    git.run("tag", "-a", "-m", "tag", "v" + n);
    byte[] bundle = n == 0 ? git.bundle("main", "v0") : git.bundle("main", "v" + n, "^" + before);
    announce(
        name,
        bundle,
        1 << 20,
        false,
        update("refs/heads/main", commit),
        update("refs/tags/v" + n, git.id("v" + n)));
    clock.advance(Duration.ofSeconds(90));
  }

  void setPublic(String name) {
    Repo repo = repo(name);
    new PublicRepos(store, List::of, () -> 0).add(repo);
    new Repos(catalog).setPublic(repo.repoId(), true, clock.instant());
  }

  /** Only what differs is of interest. */
  void requireAs(List<String> before, String what) {
    List<String> now = tables();
    List<String> gone = new ArrayList<>(before);
    gone.removeAll(now);
    List<String> come = new ArrayList<>(now);
    come.removeAll(before);
    assertThat(come).as(what).isEqualTo(gone).isEmpty();
    assertThat(now).as(what).hasSameSizeAs(before);
  }

  void small() {
    Random random = new Random(4);
    Writer writer = new Writer();
    pushMuse("m", writer, random);
    pushMuse("m", writer, random);
    pushGit("g", git(), 0);
    setPublic("g");
    writeDown();
  }

  String lateCommit(Writer writer) {
    writer.history = writer.history.next();
    return writer.history.commit("late", Map.of("late", "late"), writer.commits.getLast());
  }

  String branch(String name) {
    return catalog
        .execute(
            Statement.of("select head_commit_id as head from branches where name = :name")
                .text("name", name))
        .first()
        .orElseThrow()
        .text("head");
  }
}
