package dev.sheaf.ops;

import dev.sheaf.bundle.SheafException;
import dev.sheaf.storage.catalog.Catalog;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * Says which ops have a say. A record that has one writer at a time, which changes hands, carries
 * the {@code epoch} of that writer: what a writer did after it was replaced must not undo what its
 * successor does, and must not be lost either.
 */
public interface Fence {
  /** For sites whose records have no epoch. */
  Fence OPEN = (_, ops, _) -> Verdict.admitting(ops);

  /** Where ops come from. */
  enum Source {
    /** A log: each op as its site wrote it. */
    LOG,
    /**
     * A snapshot: one op a record, as some site has it, with the ulid of the op that wrote it. Its
     * host is not known.
     */
    SNAPSHOT
  }

  /**
   * Judges ops, in their order, inside the transaction that will write them, and holds what the
   * judgement rests on until it ends.
   *
   * @param ops all of tables and actions that are known
   */
  Verdict judge(Catalog transaction, List<Op> ops, Source source);

  /** An op that is not applied, and why. */
  record Refusal(Op op, SheafException reason) {}

  /**
   * What is to become of ops.
   *
   * @param admitted are applied, and passed on
   * @param noted are passed on, and write nothing
   * @param refused are kept, to be judged again; they need not be among those that were judged
   * @param answers what this site, as the writer, has to say about it: its own ops, written after
   *     those that are admitted and above all of them
   */
  record Verdict(
      List<Op> admitted, List<Op> noted, List<Refusal> refused, List<OpLog.Change> answers) {
    public Verdict {
      admitted = List.copyOf(admitted);
      noted = List.copyOf(noted);
      refused = List.copyOf(refused);
      answers = List.copyOf(answers);
    }

    /** Everything may be applied. */
    public static Verdict admitting(List<Op> ops) {
      return new Verdict(ops, List.of(), List.of(), List.of());
    }

    /** All ops that are passed on, in the order in which they came. */
    List<Op> passedOn(List<Op> ops) {
      Set<Op> passed = Collections.newSetFromMap(new IdentityHashMap<>());
      passed.addAll(admitted);
      passed.addAll(noted);
      return ops.stream().filter(passed::contains).toList();
    }
  }
}
