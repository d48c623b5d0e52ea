package dev.sheaf.ops;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.storage.catalog.Catalog;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/**
 * Writes ops that came from a peer: a page in one transaction, together with the cursor. What can
 * not be applied is kept with its reason ({@code failed_ops}), and never in the way of the others.
 *
 * <p>Ops may come in any order and any number of times; every site ends with the same records.
 */
public final class Applier {
  private final Catalog catalog;
  private final String self;
  private final Map<String, RegisteredTable> tables;
  private final Fence fence;
  private final OwnOps own;
  private final InstantSource clock;
  private final RandomGenerator random;

  /** For a site whose records have no epoch. */
  public Applier(
      Catalog catalog,
      String self,
      List<RegisteredTable> tables,
      InstantSource clock,
      RandomGenerator random) {
    this(catalog, self, tables, Fence.OPEN, clock, random);
  }

  /**
   * @param self this site's base URL: its own ops, coming back, are passed over
   * @param fence says which ops have a say
   */
  public Applier(
      Catalog catalog,
      String self,
      List<RegisteredTable> tables,
      Fence fence,
      InstantSource clock,
      RandomGenerator random) {
    this.catalog = catalog;
    this.self = self;
    this.fence = fence;
    this.own = new OwnOps(self, tables, clock, random);
    this.tables =
        tables.stream().collect(Collectors.toMap(RegisteredTable::name, Function.identity()));
    this.clock = clock;
    this.random = random;
  }

  /**
   * What became of ops.
   *
   * @param applied those that were new and are written
   * @param known those that were there already, or are our own
   * @param failed those that are kept to be tried again
   */
  public record Outcome(int applied, int known, int failed) {}

  /**
   * Applies ops.
   *
   * @param source the peer that gave them
   * @param withThem what else the transaction is to do, once it wrote them
   * @throws SheafException when the catalog fails: what was not applied by then will be, when the
   *     same ops come again
   */
  public Outcome apply(String source, List<Op> ops, Consumer<Catalog> withThem) {
    List<Op> foreign = ops.stream().filter(op -> !op.host().equals(self)).toList();
    Outcome outcome = applyLog(source, foreign, withThem);
    int own = ops.size() - foreign.size();
    return new Outcome(outcome.applied(), outcome.known() + own, outcome.failed());
  }

  private Outcome applyLog(String source, List<Op> ops, Consumer<Catalog> withThem) {
    OpFailures failures = new OpFailures(source, clock.instant());
    List<Op> sound = ops.stream().filter(op -> isSound(op, failures)).toList();
    int applied = applySound(sound, failures, Fence.Source.LOG, withThem);
    return new Outcome(
        applied, Math.max(0, ops.size() - applied - failures.size()), failures.size());
  }

  /**
   * Writes records of a snapshot. They are not passed on: peers of this site have the ops, or take
   * snapshots themselves.
   *
   * @param records ops of one record each; the ulid is that of the op that last wrote it
   */
  Outcome applySnapshot(String source, List<Op> records, Consumer<Catalog> withThem) {
    OpFailures failures = new OpFailures(source, clock.instant());
    List<Op> sound = records.stream().filter(op -> isSound(op, failures)).toList();
    int applied = applySound(sound, failures, Fence.Source.SNAPSHOT, withThem);
    return new Outcome(applied, records.size() - applied - failures.size(), failures.size());
  }

  /** Whether ops of a table can be applied here. */
  public boolean knows(String table) {
    return tables.containsKey(table);
  }

  private boolean isSound(Op op, OpFailures failures) {
    try {
      check(op);
      return true;
    } catch (SheafException e) {
      failures.add(op, e);
      return false;
    }
  }

  private void check(Op op) {
    if (!op.ulid().isCredible(clock.instant())) {
      throw invalid("its ulid is of " + op.ulid().time() + ", which cannot be");
    }
    OpJson.whyLeftOut(op)
        .ifPresent(why -> {
          throw invalid("its records were left out: " + why);
        });
    if (!isUrlLike(op.host())) {
      throw invalid("its host '" + op.host() + "' is no URL");
    }
    new RecordWrites(table(op.table())).add(op, action(op));
  }

  /** A word without blanks and control characters, as far as the log is concerned. */
  private static boolean isUrlLike(String host) {
    return !host.isEmpty() && host.chars().noneMatch(c -> c <= ' ');
  }

  private RegisteredTable table(String name) {
    RegisteredTable table = tables.get(name);
    if (table == null) {
      throw invalid("unknown table '" + name + "'");
    }
    return table;
  }

  private static Action action(Op op) {
    return Action.of(op.action())
        .orElseThrow(() -> invalid("unknown action '" + op.action() + "'"));
  }

  /** All of them at once; where the catalog refuses that, each half by itself. */
  private int applySound(
      List<Op> ops, OpFailures failures, Fence.Source source, Consumer<Catalog> withThem) {
    try {
      Written written =
          catalog.transaction(transaction -> {
            Written done = judgeAndWrite(transaction, ops, source, failures.source());
            failures.write(transaction);
            done.refused().write(transaction);
            withThem.accept(transaction);
            return done;
          });
      failures.committed();
      failures.count(written.refused());
      return written.applied();
    } catch (SheafException e) {
      if (isTheirFault(e) && failures.leaveOut(catalog)) {
        return applySound(ops, failures, source, withThem);
      }
      if (ops.isEmpty() || !isTheirFault(e)) {
        throw e;
      }
      if (ops.size() == 1) {
        failures.add(ops.getFirst(), e);
        return applySound(List.of(), failures, source, withThem);
      }
      int half = ops.size() / 2;
      int first = applySound(ops.subList(0, half), failures, source, _ -> {});
      return first + applySound(ops.subList(half, ops.size()), failures, source, withThem);
    }
  }

  private static boolean isTheirFault(SheafException e) {
    return e.kind() == ErrorKind.INVALID
        || e.kind() == ErrorKind.TOO_LARGE
        || e.kind() == ErrorKind.CONFLICT;
  }

  private record Written(int applied, OpFailures refused) {}

  private Written judgeAndWrite(
      Catalog transaction, List<Op> ops, Fence.Source source, String peer) {
    OpFailures refused = new OpFailures(peer, clock.instant());
    if (ops.isEmpty()) {
      return new Written(0, refused);
    }
    Fence.Verdict verdict = fence.judge(transaction, ops, source);
    verdict.refused().forEach(refusal -> refused.add(refusal.op(), refusal.reason()));
    int applied =
        source == Fence.Source.LOG
            ? write(transaction, ops, verdict)
            : writeSnapshot(transaction, verdict.admitted());
    if (!verdict.answers().isEmpty()) {
      // Above what it answers to, at every other site as here.
      own.write(transaction, stampAbove(transaction, ops), verdict.answers());
    }
    return new Written(applied, refused);
  }

  /** What is transient is passed on by nobody: its records are written, and no op is. */
  private int write(Catalog transaction, List<Op> ops, Fence.Verdict verdict) {
    List<Op> passedOn = verdict.passedOn(ops).stream().filter(op -> !op.isTransient()).toList();
    Stamp stamp = stampAbove(transaction, ops);
    OpRows.Inserted inserted = OpRows.insertAll(transaction, passedOn, stamp);
    List<Op> written =
        verdict.admitted().stream()
            .filter(op -> op.isTransient() || inserted.fresh().contains(op.ulid()))
            .toList();
    boolean logHasThem =
        inserted.isWhole()
            && verdict.noted().isEmpty()
            && written.stream().noneMatch(Op::isTransient);
    if (logHasThem) {
      writeFromLog(transaction, written, stamp);
    } else {
      writeRecords(transaction, written);
    }
    return (int) written.stream().map(Op::ulid).distinct().count();
  }

  /** What was just appended is all that is to be written: it need not be sent once more. */
  private void writeFromLog(Catalog transaction, List<Op> ops, Stamp stamp) {
    Map<String, Set<Action>> actions = new TreeMap<>();
    ops.forEach(op ->
        actions.computeIfAbsent(op.table(), _ -> EnumSet.noneOf(Action.class)).add(action(op)));
    actions.forEach(
        (table, taken) -> new LoggedRecords(table(table)).write(transaction, stamp, taken));
  }

  /** A position lies behind its op's own ulid: who goes on from there misses nothing. */
  private Stamp stampAbove(Catalog transaction, List<Op> ops) {
    Instant latest = ops.stream().map(op -> op.ulid().time()).max(Instant::compareTo).orElseThrow();
    Instant now = clock.instant();
    return Stamp.take(transaction, latest.isBefore(now) ? now : latest.plusMillis(1), random);
  }

  private int writeRecords(Catalog transaction, List<Op> ops) {
    OwnOps.writeRecords(transaction, tables, ops);
    return ops.size();
  }

  /** The log begins behind them: who takes a snapshot of this site goes on from there. */
  private int writeSnapshot(Catalog transaction, List<Op> records) {
    if (!records.isEmpty()) {
      stampAbove(transaction, records);
    }
    return writeRecords(transaction, records);
  }

  /** Tries once more what could not be applied before, the longest untried first. */
  public Outcome retryFailed() {
    int applied = 0;
    int known = 0;
    int failed = 0;
    FailedOps waiting = new FailedOps(catalog);
    for (FailedOps.Kept kept : waiting.oldest()) {
      List<Op> op = List.of(kept.op());
      Outcome outcome = applyLog(kept.source(), op, _ -> {});
      if (outcome.failed() == 0) {
        waiting.drop(kept.op().ulid());
      }
      applied += outcome.applied();
      known += outcome.known();
      failed += outcome.failed();
    }
    return new Outcome(applied, known, failed);
  }

  private static SheafException invalid(String message) {
    return new SheafException(ErrorKind.INVALID, message);
  }
}
