package dev.sheaf.cli.journal;

import dev.sheaf.bundle.SheafException;
import dev.sheaf.journal.Mark;
import dev.sheaf.journal.Namespace;
import dev.sheaf.journal.json.Json;

/** How the commands print what they found. */
final class SnapshotJson {
  private SnapshotJson() {}

  /** A namespace that could not be read, and why. */
  static Json failure(Namespace namespace, SheafException e) {
    return Json.object()
        .put("ns", namespace.name())
        .put("error", String.valueOf(e.getMessage()))
        .build();
  }

  static Json mark(Mark mark) {
    return Json.object().put("lm", mark.stampText()).put("key", mark.segment()).build();
  }
}
