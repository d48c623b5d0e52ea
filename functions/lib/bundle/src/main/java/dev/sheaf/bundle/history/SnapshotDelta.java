package dev.sheaf.bundle.history;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.msgpack.PackedMap;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Finds what changed between two manifests. */
final class SnapshotDelta {
  private final Manifest base;
  private final Manifest next;
  private final Map<String, ContentId> upserts = new HashMap<>();
  private final Map<String, String> modes = new HashMap<>();
  private final List<String> removed = new ArrayList<>();

  private SnapshotDelta(Manifest base, Manifest next) {
    this.base = base;
    this.next = next;
  }

  static Snapshot between(
      String snapshotId, @Nullable String parentId, Manifest base, Manifest next) {
    SnapshotDelta delta = new SnapshotDelta(base, next);
    next.objects().forEach(delta::file);
    next.modes().forEach(delta::submodule);
    base.objects().keySet().forEach(delta::vanished);
    base.modes().keySet().forEach(delta::vanishedSubmodule);
    delta.removed.sort(null);
    return new Snapshot(
        snapshotId, false, parentId, delta.upserts, delta.removed, delta.modes, PackedMap.EMPTY);
  }

  private void file(String path, ContentId id) {
    String mode = next.modes().get(path);
    boolean same =
        Objects.equals(id, base.objects().get(path))
            && Objects.equals(mode, base.modes().get(path));
    if (!same) {
      upserts.put(path, id);
      if (mode != null) {
        modes.put(path, mode);
      }
    }
  }

  private void submodule(String path, String mode) {
    if (!next.objects().containsKey(path) && !mode.equals(base.modes().get(path))) {
      modes.put(path, mode);
    }
  }

  /** A file is gone, or a submodule has taken its place: that needs the removal as well. */
  private void vanished(String path) {
    if (!next.objects().containsKey(path)) {
      removed.add(path);
      String mode = next.modes().get(path);
      if (mode != null) {
        modes.put(path, mode);
      }
    }
  }

  private void vanishedSubmodule(String path) {
    boolean wasSubmodule = !base.objects().containsKey(path);
    boolean isGone = !next.modes().containsKey(path) && !next.objects().containsKey(path);
    if (wasSubmodule && isGone) {
      removed.add(path);
    }
  }
}
