package dev.sheaf.api.mwp;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.history.History;
import dev.sheaf.bundle.history.IdDialect;
import java.util.HashSet;
import java.util.Set;
import java.util.SortedMap;

/**
 * What becomes one bundle.
 *
 * @param objects those that came along with the history
 * @param dialect the spelling of object ids that the client uses
 */
record Pieces(History history, SortedMap<ContentId, Content> objects, IdDialect dialect) {
  /** Every object that the snapshots name and that did not come along. */
  Set<ContentId> named() {
    Set<ContentId> named = new HashSet<>();
    history.snapshots().forEach(snapshot -> named.addAll(snapshot.entries().values()));
    named.removeAll(objects.keySet());
    return named;
  }
}
