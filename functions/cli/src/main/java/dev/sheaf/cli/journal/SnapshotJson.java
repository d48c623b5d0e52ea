package dev.sheaf.cli.journal;

import dev.sheaf.journal.Mark;
import dev.sheaf.journal.json.Json;

/** How the commands print what they found. */
final class SnapshotJson {
  private SnapshotJson() {}

  static Json mark(Mark mark) {
    return Json.object().put("lm", mark.stampText()).put("key", mark.segment()).build();
  }
}
