package dev.sheaf.repository;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.ops.Action;
import dev.sheaf.ops.OpLog;
import dev.sheaf.ops.OwnOps;
import dev.sheaf.ops.RegisteredTable;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Moves the home of a repository: the one site that accepts its writes. */
public final class Homes {
  /** What is late of still earlier ones is kept, whether their successors had seen it or not. */
  private static final int HOMES_REMEMBERED = 15;

  private final Catalog catalog;
  private final List<RegisteredTable> tables;
  private final OwnOps own;

  /**
   * @param tables those that travel
   * @param own writes what this site changes
   */
  public Homes(Catalog catalog, List<RegisteredTable> tables, OwnOps own) {
    this.catalog = catalog;
    this.tables = tables;
    this.own = own;
  }

  /**
   * Where a repository's home is.
   *
   * @param site its URL; empty: any site that is asked
   */
  public record Home(Optional<String> site, Epoch epoch) {}

  /** The home of a repository. */
  public Home of(String repoId) {
    return read(catalog, repoId, "");
  }

  /**
   * Gives a repository another home, from now on here and everywhere else when this has come there.
   * What the old home has acknowledged and this site does not know yet is kept beside the refs of
   * the new one.
   *
   * @param site URL of the new home; a move to where it is changes nothing
   */
  public Home move(String repoId, String site) {
    return catalog.transaction(transaction -> {
      Home present = read(transaction, repoId, " for update");
      if (present.site().equals(Optional.of(site))) {
        return present;
      }
      Epoch epoch = present.epoch().next(site);
      ObjectNode record = OwnRow.repo(transaction, repos(), repoId).orElseThrow();
      record.put("home", site).put("epoch", epoch.value());
      ObjectNode seen = seenBefore(record);
      seen.set(Tenure.seenKey(present.epoch()), seen(transaction));
      record.set(HomeFence.SEEN, seen);
      own.write(
          transaction, List.of(new OpLog.Change(Action.UPDATE, HomeFence.REPOS, List.of(record))));
      return new Home(Optional.of(site), epoch);
    });
  }

  private RegisteredTable repos() {
    return tables.stream()
        .filter(table -> table.name().equals(HomeFence.REPOS))
        .findAny()
        .orElseThrow();
  }

  /** What earlier homes had seen, of as many as are remembered. */
  private static ObjectNode seenBefore(ObjectNode repo) {
    ObjectNode seen = OwnRow.JSON.createObjectNode();
    List<Map.Entry<String, JsonNode>> all = new ArrayList<>(repo.path(HomeFence.SEEN).properties());
    all.sort(Comparator.comparingLong(entry -> Long.parseLong(entry.getKey())));
    all.subList(Math.max(0, all.size() - HOMES_REMEMBERED), all.size())
        .forEach(entry -> seen.set(entry.getKey(), entry.getValue()));
    return seen;
  }

  /** The last op of each other site that is known here, whoever told of it. */
  private static ObjectNode seen(Catalog transaction) {
    ObjectNode seen = OwnRow.JSON.createObjectNode();
    transaction
        .execute(
            Statement.of(
                """
                select host, greatest(last_ulid,
                  (select ulid from ops o where o.host = c.host order by position desc limit 1)) as last
                from cursors c
                """))
        .forEach(row -> seen.put(row.text("host"), row.text("last")));
    return seen;
  }

  private static Home read(Catalog catalog, String repoId, String lock) {
    Rows.Row row =
        catalog
            .execute(
                Statement.of("select home, epoch from repos where repo_id = :repo" + lock)
                    .text("repo", repoId))
            .first()
            .orElseThrow(() ->
                new SheafException(
                    ErrorKind.NOT_FOUND, "repository " + repoId + " does not exist"));
    return new Home(Optional.ofNullable(row.textOrNull("home")), new Epoch(row.number("epoch")));
  }
}
