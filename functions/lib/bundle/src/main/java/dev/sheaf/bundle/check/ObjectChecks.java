package dev.sheaf.bundle.check;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.codec.HistoryCollector;
import dev.sheaf.bundle.codec.RawObject;
import dev.sheaf.bundle.codec.ReceivedObject;
import dev.sheaf.bundle.history.Ids;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Decodes and hashes every object while the bundle streams by, and keeps the history. */
final class ObjectChecks extends HistoryCollector {
  private final List<String> findings;
  private final Set<ContentId> seen = new HashSet<>();

  ObjectChecks(List<String> findings) {
    this.findings = findings;
  }

  /** The ids of all objects, sound or not. */
  Set<ContentId> seen() {
    return seen;
  }

  @Override
  public void object(ReceivedObject object) throws IOException {
    seen.add(object.id());
    try (object) {
      object.decode(this::check);
    } catch (SheafException e) {
      findings.add(String.valueOf(e.getMessage()));
    }
  }

  private void check(RawObject object) throws IOException {
    ContentId actual = Ids.object(object.content());
    if (!actual.equals(object.id())) {
      findings.add("object " + object.id() + " holds content whose SHA-256 is " + actual);
    }
  }
}
