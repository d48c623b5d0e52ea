package dev.sheaf.repository;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.ops.Action;
import dev.sheaf.ops.Fence;
import dev.sheaf.ops.Op;
import dev.sheaf.ops.OpJson;
import dev.sheaf.ops.OpLog;
import dev.sheaf.ops.RegisteredTable;
import dev.sheaf.ops.Ulid;
import dev.sheaf.repository.column.PgArray;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

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

  /**
   * What each home knew when it took over, of the homes that lead to the present one: the epoch
   * that it ended, as a text, to the URL of each site, to the last op of it. It says nothing of
   * other epochs: what came from an earlier home still, and was not answered, it must not vouch
   * for.
   */
  static final String SEEN = "seen";

  private static final String LATE =
      "has another home since, which keeps it beside its own branches";

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

  /** Who writes a repository. */
  private record Tenure(@Nullable String home, Epoch epoch, JsonNode seen) {
    /** The last op of a site that was known when an epoch ended; empty for none. */
    String seen(Epoch ended, String host) {
      return seen.path(seenKey(ended)).path(host).asText();
    }
  }

  /** The place of an epoch in {@link #SEEN}. */
  static String seenKey(Epoch ended) {
    return Long.toString(ended.value());
  }

  @Override
  public Verdict judge(Catalog transaction, List<Op> ops, Source source) {
    Set<String> repos = new TreeSet<>();
    for (Op op : ops) {
      if (tables.containsKey(op.table())) {
        op.data().forEach(record -> repos.add(text(record, "repo_id")));
      }
    }
    boolean isSound = ops.stream().allMatch(op -> fault(op).isEmpty());
    return repos.isEmpty() && isSound
        ? Verdict.admitting(ops)
        : new Judgement(transaction, source, tenures(transaction, repos)).of(ops);
  }

  private static Optional<SheafException> fault(Op op) {
    return RepoRecords.fault(op).or(() -> GitRecords.fault(op));
  }

  /** Holds the rows, so that no home is lost or gained before the ops are written. */
  private static Map<String, Tenure> tenures(Catalog transaction, Set<String> repos) {
    Map<String, Tenure> tenures = new HashMap<>();
    for (Rows.Row row :
        transaction.execute(
            Statement.of(
                    """
                    select repo_id, home, epoch, coalesce(seen, '{}')::text as seen
                    from repos where repo_id = any(:repos::text[])
                    order by repo_id for update
                    """)
                .text("repos", PgArray.texts(List.copyOf(repos))))) {
      tenures.put(
          row.text("repo_id"),
          new Tenure(
              row.textOrNull("home"),
              new Epoch(row.number("epoch")),
              OwnRow.json(row.text("seen"))));
    }
    return tenures;
  }

  static String text(JsonNode record, String field) {
    return record.path(field).asText();
  }

  static Epoch epoch(JsonNode record) {
    return new Epoch(record.path("epoch").asLong());
  }

  /** What is to become of one op. */
  private enum Fate {
    ADMITTED,
    /** Of a writer who has been replaced. */
    LATE,
    /** Of one that is not known here yet, or never was one. */
    STRANGE
  }

  /** One call's judgement. */
  private final class Judgement {
    private final Catalog transaction;
    private final Source source;
    private final Map<String, Tenure> tenures;
    private final List<Op> admitted = new ArrayList<>();
    private final List<Op> noted = new ArrayList<>();
    private final List<Refusal> refused = new ArrayList<>();
    private final LateOps late;
    private final Answers answers;

    Judgement(Catalog transaction, Source source, Map<String, Tenure> tenures) {
      this.transaction = transaction;
      this.source = source;
      this.tenures = tenures;
      this.late = new LateOps(transaction);
      this.answers = new Answers(transaction);
    }

    Verdict of(List<Op> ops) {
      List<Op> replaced = new ArrayList<>();
      for (Op op : ops) {
        Optional<SheafException> fault = fault(op);
        if (fault.isPresent()) {
          refused.add(new Refusal(op, fault.get()));
          continue;
        }
        switch (fate(op)) {
          case ADMITTED -> admitted.add(op);
          case LATE -> replaced.add(op);
          case STRANGE -> refused.add(refusal(op, "is not written by " + op.host() + " now"));
        }
      }
      // Who is the home when all is written.
      replaced.forEach(this::judgeLate);
      return new Verdict(admitted, noted, refused, answers.changes());
    }

    private Fate fate(Op op) {
      Fate fate = Fate.ADMITTED;
      if (tables.containsKey(op.table())) {
        for (JsonNode record : op.data()) {
          Fate one = fate(op, record);
          fate = one.compareTo(fate) > 0 ? one : fate;
        }
      }
      return fate;
    }

    private Fate fate(Op op, JsonNode record) {
      String repo = text(record, "repo_id");
      Tenure tenure = tenures.get(repo);
      if (tenure == null) {
        return fateOfNewer(op, record, repo, null);
      }
      int order = Long.compare(epoch(record).value(), tenure.epoch().value());
      if (order < 0) {
        // Whoever is not the home believes a snapshot: greater epochs win, row by row.
        return source == Source.SNAPSHOT && !self.equals(tenure.home()) ? Fate.ADMITTED : Fate.LATE;
      }
      if (order > 0) {
        return fateOfNewer(op, record, repo, tenure);
      }
      boolean isBySomebodyElse =
          source == Source.LOG && tenure.home() != null && !op.host().equals(tenure.home());
      return isBySomebodyElse ? Fate.STRANGE : Fate.ADMITTED;
    }

    /**
     * Of a record whose epoch is later than what is known.
     *
     * @param known null when the repository is not
     */
    private Fate fateOfNewer(Op op, JsonNode record, String repo, @Nullable Tenure known) {
      boolean isRepo = op.table().equals(REPOS);
      if (isRepo && !op.action().equals(Action.DELETE.text())) {
        Tenure next = new Tenure(record.path("home").textValue(), epoch(record), record.path(SEEN));
        if (known != null && known.home() != null) {
          String seen = next.seen(known.epoch(), known.home());
          refused.addAll(unseen(repo, known.home(), known.epoch(), seen));
          for (Op before : admitted) {
            if (isUnseen(before, repo, known, seen)) {
              refused.add(refusal(before, LATE));
            }
          }
        }
        tenures.put(repo, next);
      }
      return isRepo ? Fate.ADMITTED : Fate.STRANGE;
    }

    /**
     * What the home until now wrote, and the next one did not know. It is in the log here, so
     * nobody need tell of it again; others keep it, unless this site is the home before they can.
     *
     * @param seen the last of that home's ops that the next one knew
     */
    private List<Refusal> unseen(String repo, String home, Epoch epoch, String seen) {
      List<Refusal> unseen = new ArrayList<>();
      for (Rows.Row row :
          transaction.execute(
              Statement.of(
                      """
                      select ulid, action, "table", data::text as data from ops
                      where host = :home and ulid > :seen
                        and "table" in ('branches', 'git_refs')
                        and data @> jsonb_build_array(
                          jsonb_build_object('repo_id', :repo::text, 'epoch', :epoch::bigint))
                      order by ulid limit 1000
                      """)
                  .text("home", home)
                  .text("seen", seen)
                  .text("repo", repo)
                  .number("epoch", epoch.value()))) {
        Op op =
            new Op(
                new Ulid(row.text("ulid")),
                home,
                row.text("action"),
                row.text("table"),
                OpJson.records(row.text("data")),
                false);
        unseen.add(refusal(op, LATE));
      }
      return unseen;
    }

    /** The same of what comes with the news of the next home. */
    private boolean isUnseen(Op op, String repo, Tenure known, String seen) {
      if (op.table().equals(REPOS)
          || !tables.containsKey(op.table())
          || !op.host().equals(known.home())
          || op.ulid().text().compareTo(seen) <= 0) {
        return false;
      }
      for (JsonNode record : op.data()) {
        if (text(record, "repo_id").equals(repo) && epoch(record).equals(known.epoch())) {
          return true;
        }
      }
      return false;
    }

    private void judgeLate(Op op) {
      boolean isOurs = true;
      for (JsonNode record : op.data()) {
        Tenure tenure = tenures.get(text(record, "repo_id"));
        isOurs &= tenure != null && self.equals(tenure.home());
      }
      noted.add(op);
      if (!isOurs) {
        boolean isDone =
            op.table().equals(REPOS)
                || late.wasAnswered(op)
                || wasSeen(op)
                || late.isKeptByItsHome(op);
        if (!isDone) {
          refused.add(refusal(op, LATE));
        }
      } else if (!late.wasAnswered(op) && late.isUnproven(op)) {
        refused.add(refusal(op, "has a job that is to prove one of these refs"));
      } else if (!late.wasAnswered(op)) {
        for (JsonNode record : op.data()) {
          answers.to(op, (ObjectNode) record);
        }
      }
    }

    private Refusal refusal(Op op, String why) {
      String repo = op.data().isEmpty() ? "none" : text(op.data().get(0), "repo_id");
      return new Refusal(
          op,
          new SheafException(
              ErrorKind.CONFLICT,
              "repository %s %s; op of epoch %s"
                  .formatted(repo, why, op.data().isEmpty() ? "0" : epoch(op.data().get(0)))));
    }

    /** Whether it was in the rows of the home that ended its epoch, when it did. */
    private boolean wasSeen(Op op) {
      for (JsonNode record : op.data()) {
        Tenure tenure = Objects.requireNonNull(tenures.get(text(record, "repo_id")));
        if (tenure.seen(epoch(record), op.host()).compareTo(op.ulid().text()) < 0) {
          return false;
        }
      }
      return true;
    }

    /** What the home has to say. */
    private final class Answers {
      private final Catalog transaction;
      private final List<OpLog.Change> changes = new ArrayList<>();
      private final Set<String> restated = new HashSet<>();

      Answers(Catalog transaction) {
        this.transaction = transaction;
      }

      List<OpLog.Change> changes() {
        return changes;
      }

      void to(Op op, ObjectNode record) {
        Tenure tenure = tenures.get(text(record, "repo_id"));
        Epoch present = tenure == null ? Epoch.FIRST : tenure.epoch();
        Optional<ObjectNode> own = own(op.table(), record);
        if (!op.table().equals(REPOS)) {
          keep(op, record, present);
        }
        if (restated.add(op.table() + key(op.table(), record))) {
          ObjectNode truth =
              own.orElseGet(() -> key(op.table(), record)).put("epoch", present.value());
          Action action = own.isPresent() ? Action.UPDATE : Action.DELETE;
          changes.add(new OpLog.Change(action, op.table(), List.of(truth)));
        }
      }

      private void keep(Op op, ObjectNode record, Epoch present) {
        boolean moves = !op.action().equals(Action.DELETE.text());
        if (moves && !GitRecords.isHead(op, record) && !late.isSuperseded(op, record)) {
          ObjectNode kept = TakenOver.record(record, LateOps.keptName(op, record), present);
          changes.add(new OpLog.Change(Action.UPDATE, op.table(), List.of(kept)));
        }
      }

      private ObjectNode key(String table, ObjectNode record) {
        ObjectNode key = OwnRow.JSON.createObjectNode();
        for (String column : Objects.requireNonNull(tables.get(table)).key()) {
          key.set(column, record.path(column));
        }
        return key;
      }

      /** The row as it is here, as a record. */
      private Optional<ObjectNode> own(String table, ObjectNode record) {
        RegisteredTable registered = Objects.requireNonNull(tables.get(table));
        String repo = text(record, "repo_id");
        return switch (table) {
          case REPOS -> OwnRow.repo(transaction, registered, repo);
          case GIT_REFS -> OwnRow.gitRef(transaction, registered, repo, text(record, "name"));
          default -> OwnRow.branch(transaction, registered, repo, text(record, "name"));
        };
      }
    }
  }
}
