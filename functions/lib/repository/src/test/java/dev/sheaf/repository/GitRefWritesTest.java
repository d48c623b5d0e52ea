package dev.sheaf.repository;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.RefName;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.testing.ExplainingCatalog;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jgit.lib.ObjectId;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class GitRefWritesTest extends CatalogTest {
  private static final int MANY = 10_000;
  private static final ObjectId TARGET =
      ObjectId.fromString("0123456789abcdef0123456789abcdef01234567");

  /** Statistics are older than what is there: a table that grows is looked at now and then. */
  @Test
  void manyRefsAreNotComparedOneByOneWithThoseOfARepositoryThatStatisticsDoNotKnow() {
    catalog.execute(
        Statement.of(
            """
            insert into git_refs (repo_id, name, target, epoch, updated_at)
            select 'other' || i % 30, decode(to_hex(1000000 + i) || '0', 'hex'), 'a', 0, now()
            from generate_series(1, 600) i
            """));
    catalog.execute(Statement.of("alter table git_refs set (autovacuum_enabled = off)"));
    catalog.execute(Statement.of("analyze git_refs"));
    Repo repo = newRepo();
    write(repo, changes(0, TARGET));
    for (List<GitRefWrites.Change> changes :
        List.of(changes(MANY, TARGET), changes(0, null), changes(MANY, null))) {
      assertThat(write(repo, changes))
          .isNotEmpty()
          .noneMatch(plan -> plan.matches("(?s).*Join Filter: [^\n]*\\bc(_\\d+)?\\.name.*"));
    }
    assertThat(new GitRefTable(catalog, repo.repoId()).proven()).isEmpty();
  }

  private List<String> write(Repo repo, List<GitRefWrites.Change> changes) {
    return catalog.transaction(transaction -> {
      ExplainingCatalog explaining = new ExplainingCatalog(transaction);
      GitTelling telling =
          new GitTelling(explaining, repo.repoId(), SiteLog.OFF, Epoch.FIRST, clock.instant());
      new GitRefWrites(explaining, repo.repoId()).write(changes, telling);
      return explaining.plans();
    });
  }

  private static List<GitRefWrites.Change> changes(int from, @Nullable ObjectId target) {
    List<GitRefWrites.Change> changes = new ArrayList<>();
    for (int i = from; i < from + MANY; i++) {
      RefName name = RefName.of("refs/tags/nightly-" + i);
      changes.add(
          new GitRefWrites.Change(
              name, target == null ? null : new GitRef(name, target, null, null)));
    }
    return changes;
  }
}
