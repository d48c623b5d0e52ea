package dev.sheaf.api.fetch;

import dev.sheaf.bundle.history.History;
import dev.sheaf.bundle.history.Manifest;
import dev.sheaf.bundle.history.Snapshot;
import dev.sheaf.bundle.history.SnapshotResolver;
import dev.sheaf.repository.Refs;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

/** Everything of an answer but its objects, in the form of a bundle. */
final class Histories {
  private Histories() {}

  /** With snapshots as they were selected, deltas among them. */
  static History compact(Selection selection, Refs.Page refs) {
    return history(selection, selection.snapshots(), refs);
  }

  /** With whole manifests, which is what every client understands. */
  static History whole(Selection selection, Refs.Page refs) throws IOException {
    List<Snapshot> whole = new ArrayList<>();
    SnapshotResolver.resolve(
        selection.snapshots(),
        SnapshotResolver.Known.NOTHING,
        (snapshot, manifest) -> whole.add(whole(snapshot, manifest)));
    return history(selection, whole, refs);
  }

  /** A snapshot written out, with every other key that it came with. */
  static Snapshot whole(Snapshot snapshot, Manifest manifest) {
    // The manifest is a live view.
    Manifest copy = new Manifest(new LinkedHashMap<>(manifest.objects()));
    return Snapshot.full(snapshot.snapshotId(), copy).withExtra(snapshot.extra());
  }

  private static History history(Selection selection, List<Snapshot> snapshots, Refs.Page refs) {
    return History.of(selection.commits(), snapshots, refs.branchHeads());
  }
}
