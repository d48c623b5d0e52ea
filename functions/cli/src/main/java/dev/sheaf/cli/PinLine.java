package dev.sheaf.cli;

import dev.sheaf.cli.http.AnswerFields;
import dev.sheaf.cli.process.Output;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Says which peer keeps ops from being deleted, since when and how many. */
final class PinLine {
  /** A site counts no further. */
  private static final long MOST_COUNTED = 1_000_000;

  private PinLine() {}

  /** Empty where none does. */
  static Optional<String> of(Map<String, @Nullable Object> plan) {
    if (!(plan.get("pinned_by") instanceof String peer)) {
      return Optional.empty();
    }
    String read =
        plan.get("pinned_since") instanceof String since
            ? "which has read up to " + since
            : "which has read nothing yet";
    long rows = AnswerFields.number(plan, "held_rows");
    return Optional.of(
        "retention waits for %s, %s: it keeps %s%s, %s"
            .formatted(
                peer,
                read,
                rows < MOST_COUNTED ? "" : "at least ",
                Output.count(rows, "op"),
                Output.bytes(AnswerFields.number(plan, "held_bytes"))));
  }
}
