package dev.sheaf.repository;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.ops.Action;
import dev.sheaf.ops.Fence;
import dev.sheaf.ops.Op;
import dev.sheaf.ops.OpJson;
import dev.sheaf.ops.RegisteredTable;
import dev.sheaf.ops.Ulid;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What becomes of the ops of one page, by who writes their repositories. */
final class HomeJudgement {
  private static final String LATE =
      "has another home since, which keeps it beside its own branches";

  private static final int OPS_AT_ONCE = 1_000;

  /** A result may have 1 MiB, and what JSON escapes may double it; one op has less than 64 KB. */
  private static final int BYTES_AT_ONCE = 400 << 10;

  /** What is to become of one op. */
  private enum Fate {
    ADMITTED,
    /** Of this site, which knows better. */
    OWN,
    /** Of a writer who has been replaced. */
    LATE,
    /** Of one that is not known here yet, or never was one. */
    STRANGE
  }

  private final String self;
  private final Map<String, RegisteredTable> tables;
  private final Catalog transaction;
  private final Fence.Source source;
  private final Map<String, Tenure> tenures;
  private final List<Op> admitted = new ArrayList<>();
  private final List<Op> noted = new ArrayList<>();
  private final List<Fence.Refusal> refused = new ArrayList<>();
  private final Set<String> lost = new TreeSet<>();
  private final LateOps late;
  private final HomeAnswers answers;

  HomeJudgement(
      String self,
      Map<String, RegisteredTable> tables,
      Catalog transaction,
      Fence.Source source,
      Map<String, Tenure> tenures) {
    this.self = self;
    this.tables = tables;
    this.transaction = transaction;
    this.source = source;
    this.tenures = tenures;
    this.late = new LateOps(transaction);
    this.answers = new HomeAnswers(transaction, tables, tenures, late);
  }

  Fence.Verdict of(List<Op> ops) {
    List<Op> replaced = new ArrayList<>();
    List<Op> own = new ArrayList<>();
    for (Op op : ops) {
      Optional<SheafException> fault = HomeFence.fault(op);
      if (fault.isPresent()) {
        refused.add(new Fence.Refusal(op, fault.get()));
        continue;
      }
      switch (fate(op)) {
        case ADMITTED -> admitted.add(op);
        case OWN -> own.add(op);
        case LATE -> replaced.add(op);
        case STRANGE -> refused.add(refusal(op, "is not written by " + op.host() + " now"));
      }
    }
    answers.toOwn(own);
    if (!lost.isEmpty()) {
      LostHomes.add(transaction, lost);
    }
    // Who is the home when all is written.
    replaced.forEach(this::judgeLate);
    return new Fence.Verdict(admitted, noted, refused, answers.changes());
  }

  private Fate fate(Op op) {
    if (HomeFence.BROUGHT.contains(op.table())) {
      return fateOfBrought(op);
    }
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
    String repo = HomeFence.text(record, "repo_id");
    Tenure tenure = tenures.get(repo);
    if (tenure == null) {
      return fateOfNewer(op, record, repo, null);
    }
    int order = Long.compare(HomeFence.epoch(record).value(), tenure.epoch().value());
    if (order < 0) {
      // Whoever is not the home believes a snapshot: greater epochs win, row by row.
      return source == Fence.Source.SNAPSHOT && !self.equals(tenure.home())
          ? Fate.ADMITTED
          : Fate.LATE;
    }
    if (order > 0) {
      return fateOfNewer(op, record, repo, tenure);
    }
    if (source == Fence.Source.SNAPSHOT) {
      boolean isKnownHere = self.equals(tenure.home()) && !tenure.loss().mayHaveHad(op.ulid());
      return isKnownHere ? Fate.OWN : Fate.ADMITTED;
    }
    boolean isBySomebodyElse = tenure.home() != null && !op.host().equals(tenure.home());
    return isBySomebodyElse ? Fate.STRANGE : Fate.ADMITTED;
  }

  /** What pushes brought is told by whoever was the home then. */
  private Fate fateOfBrought(Op op) {
    for (JsonNode record : op.data()) {
      Tenure tenure = tenures.get(HomeFence.text(record, "repo_id"));
      if (source == Fence.Source.LOG && tenure != null && !tenure.mayHaveBeen(op.host())) {
        return Fate.STRANGE;
      }
    }
    return Fate.ADMITTED;
  }

  /**
   * Of a record whose epoch is later than what is known.
   *
   * @param known null when the repository is not
   */
  private Fate fateOfNewer(Op op, JsonNode record, String repo, @Nullable Tenure known) {
    boolean isRepo = op.table().equals(HomeFence.REPOS);
    if (isRepo && !op.action().equals(Action.DELETE.text())) {
      Tenure next =
          new Tenure(
              record.path("home").textValue(),
              HomeFence.epoch(record),
              record.path(HomeFence.SEEN),
              new Tenure.Loss(known == null, null, null));
      if (known != null && known.home() != null) {
        String seen = next.seen(known.epoch(), known.home());
        refused.addAll(unseen(repo, known.home(), known.epoch(), seen));
        for (Op before : admitted) {
          if (isUnseen(before, repo, known, seen)) {
            refused.add(refusal(before, LATE));
          }
        }
      }
      if (known == null && self.equals(next.home())) {
        lost.add(repo);
      }
      tenures.put(repo, next);
    }
    return isRepo ? Fate.ADMITTED : Fate.STRANGE;
  }

  /**
   * What the home until now wrote, and the next one did not know. It is in the log here, so nobody
   * need tell of it again; others keep it, unless this site is the home before they can.
   *
   * @param seen the last of that home's ops that the next one knew
   */
  private List<Fence.Refusal> unseen(String repo, String home, Epoch epoch, String seen) {
    List<Fence.Refusal> unseen = new ArrayList<>();
    String after = seen;
    for (List<Op> page = page(repo, home, epoch, after);
        !page.isEmpty();
        page = page(repo, home, epoch, after)) {
      page.forEach(op -> unseen.add(refusal(op, LATE)));
      after = page.getLast().ulid().text();
    }
    return unseen;
  }

  private List<Op> page(String repo, String home, Epoch epoch, String after) {
    List<Op> page = new ArrayList<>();
    for (Rows.Row row :
        transaction.execute(
            Statement.of(
                    """
                    select ulid, action, "table", data
                    from (
                      select *, sum(octet_length(data)) over (order by ulid) as bytes
                      from (
                        select ulid, action, "table", data::text as data from ops
                        where host = :home and ulid > :after
                          and "table" in ('branches', 'git_refs')
                          and data @> jsonb_build_array(
                            jsonb_build_object('repo_id', :repo::text, 'epoch', :epoch::bigint))
                        order by ulid limit :limit) unseen) summed
                    where bytes < :budget order by ulid
                    """)
                .text("home", home)
                .text("after", after)
                .text("repo", repo)
                .number("epoch", epoch.value())
                .number("limit", OPS_AT_ONCE)
                .number("budget", BYTES_AT_ONCE))) {
      page.add(
          new Op(
              new Ulid(row.text("ulid")),
              home,
              row.text("action"),
              row.text("table"),
              OpJson.records(row.text("data")),
              false));
    }
    return page;
  }

  /** The same of what comes with the news of the next home. */
  private boolean isUnseen(Op op, String repo, Tenure known, String seen) {
    if (op.table().equals(HomeFence.REPOS)
        || !tables.containsKey(op.table())
        || !op.host().equals(known.home())
        || op.ulid().text().compareTo(seen) <= 0) {
      return false;
    }
    for (JsonNode record : op.data()) {
      if (HomeFence.text(record, "repo_id").equals(repo)
          && HomeFence.epoch(record).equals(known.epoch())) {
        return true;
      }
    }
    return false;
  }

  private void judgeLate(Op op) {
    boolean isOurs = true;
    for (JsonNode record : op.data()) {
      Tenure tenure = tenures.get(HomeFence.text(record, "repo_id"));
      isOurs &= tenure != null && self.equals(tenure.home());
    }
    noted.add(op);
    if (!isOurs) {
      boolean isDone =
          op.table().equals(HomeFence.REPOS)
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

  private Fence.Refusal refusal(Op op, String why) {
    String repo = op.data().isEmpty() ? "none" : HomeFence.text(op.data().get(0), "repo_id");
    return new Fence.Refusal(
        op,
        new SheafException(
            ErrorKind.CONFLICT,
            "repository %s %s; op of epoch %s"
                .formatted(
                    repo, why, op.data().isEmpty() ? "0" : HomeFence.epoch(op.data().get(0)))));
  }

  /** Whether it was in the rows of the home that ended its epoch, when it did. */
  private boolean wasSeen(Op op) {
    for (JsonNode record : op.data()) {
      Tenure tenure = Objects.requireNonNull(tenures.get(HomeFence.text(record, "repo_id")));
      if (tenure.seen(HomeFence.epoch(record), op.host()).compareTo(op.ulid().text()) < 0) {
        return false;
      }
    }
    return true;
  }
}
