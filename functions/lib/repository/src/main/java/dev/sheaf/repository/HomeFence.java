package dev.sheaf.repository;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.ops.Action;
import dev.sheaf.ops.Fence;
import dev.sheaf.ops.Op;
import dev.sheaf.ops.RegisteredTable;
import dev.sheaf.repository.column.PgArray;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Repositories and their branches or git refs are written by one site at a time, the repository's
 * home. What came from an earlier home that did not yet know that it was replaced changes nothing;
 * the present home keeps the heads under names of their own ({@link TakenOver}) and says once more
 * where its own are, so that every site ends with the home's branches and none that was
 * acknowledged is lost.
 *
 * <p>Whoever is not the home keeps such an op among those that failed until it has seen that name:
 * should it become the home itself, it does the same.
 */
public final class HomeFence implements Fence {
  static final String REPOS = "repos";
  static final String BRANCHES = "branches";
  static final String GIT_REFS = "git_refs";

  /** What pushes brought: it is told once, and stays. */
  static final Set<String> BROUGHT = Set.of(Travelling.BUNDLES.name(), Travelling.GIT_PACKS.name());

  /**
   * What each home knew when it took over, of the homes that lead to the present one: the epoch
   * that it ended, as a text, to the URL of each site, to the last op of it. It says nothing of
   * other epochs: what came from an earlier home still, and was not answered, it must not vouch
   * for.
   */
  static final String SEEN = "seen";

  private final String self;
  private final Map<String, RegisteredTable> tables;

  /**
   * @param self this site's base URL
   * @param tables those that travel; fenced are repositories, branches and git refs
   */
  public HomeFence(String self, List<RegisteredTable> tables) {
    this.self = self;
    this.tables = new HashMap<>();
    for (RegisteredTable table : tables) {
      if (Set.of(REPOS, BRANCHES, GIT_REFS).contains(table.name())) {
        this.tables.put(table.name(), table);
      }
    }
  }

  @Override
  public Verdict judge(Catalog transaction, List<Op> ops, Source source) {
    Set<String> repos = new TreeSet<>();
    for (Op op : ops) {
      if (tables.containsKey(op.table()) || BROUGHT.contains(op.table())) {
        op.data().forEach(record -> repos.add(text(record, "repo_id")));
      }
    }
    boolean isSound = ops.stream().allMatch(op -> fault(op).isEmpty());
    return repos.isEmpty() && isSound
        ? Verdict.admitting(ops)
        : new HomeJudgement(self, tables, transaction, source, tenures(transaction, repos)).of(ops);
  }

  static Optional<SheafException> fault(Op op) {
    return RepoRecords.fault(op).or(() -> GitRecords.fault(op)).or(() -> removal(op));
  }

  private static Optional<SheafException> removal(Op op) {
    return BROUGHT.contains(op.table()) && op.action().equals(Action.DELETE.text())
        ? Optional.of(
            new SheafException(
                ErrorKind.INVALID,
                "no site of ours tells that one of %s went".formatted(op.table())))
        : Optional.empty();
  }

  /** Holds the rows, so that no home is lost or gained before the ops are written. */
  private static Map<String, Tenure> tenures(Catalog transaction, Set<String> repos) {
    Map<String, Tenure> tenures = new HashMap<>();
    for (Rows.Row row :
        transaction.execute(
            Statement.of(
                    """
                    select repo_id, home, epoch, coalesce(seen, '{}')::text as seen,
                      rebuilt_as_of, rebuilt_at, %s as is_lost
                    from repos where repo_id = any(:repos::text[])
                    order by repo_id for update
                    """
                        .formatted(LostHomes.contains("repos.repo_id")))
                .text("repos", PgArray.texts(List.copyOf(repos))))) {
      tenures.put(
          row.text("repo_id"),
          new Tenure(
              row.textOrNull("home"),
              new Epoch(row.number("epoch")),
              OwnRow.json(row.text("seen")),
              new Tenure.Loss(
                  row.flag("is_lost"),
                  row.textOrNull("rebuilt_as_of"),
                  row.textOrNull("rebuilt_at"))));
    }
    return tenures;
  }

  static String text(JsonNode record, String field) {
    return record.path(field).asText();
  }

  static Epoch epoch(JsonNode record) {
    return new Epoch(record.path("epoch").asLong());
  }
}
