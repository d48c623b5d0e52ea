package dev.sheaf.bundle.history;

import dev.sheaf.bundle.ContentId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A manifest that deltas are applied to and taken back from. */
final class LiveManifest {
  private final Map<String, ContentId> objects;
  private final Manifest view;

  LiveManifest(Manifest start) {
    objects = new HashMap<>(start.objects());
    view = new Manifest(Collections.unmodifiableMap(objects));
  }

  /** The present state, unmodifiable and live. */
  Manifest view() {
    return view;
  }

  /** What one path was before a delta touched it. */
  private record Before(String path, @Nullable ContentId object) {}

  /** One applied delta. */
  final class Applied {
    private final List<Before> touched = new ArrayList<>();

    /** Restores the state before the delta; the deltas applied later must be undone already. */
    void undo() {
      for (Before before : touched.reversed()) {
        set(before.path(), before.object());
      }
    }

    private void change(String path, @Nullable ContentId object) {
      touched.add(new Before(path, objects.get(path)));
      set(path, object);
    }
  }

  /** Applies a delta: removals first, then upserts. */
  Applied apply(Snapshot delta) {
    Applied applied = new Applied();
    delta.removed().forEach(path -> applied.change(path, null));
    delta.entries().forEach(applied::change);
    return applied;
  }

  private void set(String path, @Nullable ContentId object) {
    if (object == null) {
      objects.remove(path);
    } else {
      objects.put(path, object);
    }
  }
}
