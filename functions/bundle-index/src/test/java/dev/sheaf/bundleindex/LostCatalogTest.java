package dev.sheaf.bundleindex;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.repair.rebuild.RepositoryRecords;
import dev.sheaf.repository.KnownBucket;
import dev.sheaf.repository.Repo;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.testing.StoreChecker;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What happens between the loss of a catalog and its rebuild. */
class LostCatalogTest extends RebuildFixture {
  @Test
  void whileTheCatalogIsGoneAPushWaitsForItsRepository() {
    Random random = new Random(6);
    Writer writer = new Writer();
    pushMuse("m", writer, random);
    writeDown();
    Repo before = repo("m");
    dropCatalog();
    String late = lateCommit(writer);
    String upload = upload("m", writer.history.head("main", late).bundle());
    assertThatThrownBy(() -> handle(upload))
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.SITE))
        .hasMessageContainingAll("m.json", "sheaf rebuild");
    assertThat(count("repos")).isZero();
    rebuild();
    assertThat(repo("m")).isEqualTo(before);
    assertThat(branch("main")).isEqualTo(late);
    push("new", new Writer().next(new Random(7)));
    assertThat(count("repos")).isEqualTo(2);
  }

  /**
   * A catalog that was lost before it knew that a bucket may hold more than it knows, or before the
   * bucket had a record of the repository: whoever pushes before the rebuild begins one of that
   * name. His bundle comes into the one that was there, which is as it was.
   */
  @Test
  void aPushWhileTheCatalogIsGoneIsNotLost() {
    Random random = new Random(6);
    Writer writer = new Writer();
    pushMuse("m", writer, random);
    pushMuse("m", writer, random);
    setPublic("m");
    catalog.execute(Statement.of("update repos set home = 'https://self.example'"));
    writeDown();
    Repo before = repo("m");
    dropCatalog();
    KnownBucket.isRead(catalog);
    String late = lateCommit(writer);
    handle(upload("m", writer.history.head("main", late).bundle())); // builds on what is gone
    Writer stranger = new Writer();
    stranger.next(random);
    push("m", stranger.history.head("stranger", stranger.commits.getLast()).bundle());
    assertThat(repo("m").repoId()).isNotEqualTo(before.repoId());
    rebuild();
    assertThat(repo("m")).isEqualTo(before);
    assertThat(branch("main")).isEqualTo(late);
    assertThat(branch("stranger")).isEqualTo(stranger.commits.getLast());
    assertThat(count("repos")).isEqualTo(1);
    assertThat(count("bundles")).as("his is in it, too").isEqualTo(4);
    push("m", new Writer().next(new Random(7)));
    StoreChecker.requireSound(store, catalog);
  }

  /** Peers bring the row before anybody rebuilds; the record is not written over meanwhile. */
  @Test
  void whatPeersToldOfBeforeGetsItsBranchesBack() {
    Random random = new Random(8);
    Writer writer = new Writer();
    pushMuse("m", writer, random);
    pushMuse("m", writer, random);
    setPublic("m");
    writeDown();
    Repo before = repo("m");
    List<String> all = tables();
    dropCatalog();
    catalog.execute(
        Statement.of(
                """
                insert into repos (repo_id, owner, name, told_name, shown, kind)
                values (:repo, 'alice', 'm', 'm', 'm', 'muse')
                """)
            .text("repo", before.repoId()));
    writeDown();
    rebuild();
    assertThat(repo("m").isPublic()).isTrue();
    requireBranchesAs(all);
    rebuild();
    assertThat(new RepositoryRecords(catalog, store).write(() -> false)).isLessThanOrEqualTo(1);
    requireBranchesAs(all);
  }

  private void requireBranchesAs(List<String> before) {
    assertThat(tables().stream().filter(row -> row.startsWith("branches")))
        .isNotEmpty()
        .isEqualTo(before.stream().filter(row -> row.startsWith("branches")).toList());
  }
}
