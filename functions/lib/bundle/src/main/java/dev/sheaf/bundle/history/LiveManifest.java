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
  private final Map<String, String> modes;
  private final Manifest view;

  LiveManifest(Manifest start) {
    objects = new HashMap<>(start.objects());
    modes = new HashMap<>(start.modes());
    view = new Manifest(Collections.unmodifiableMap(objects), Collections.unmodifiableMap(modes));
  }

  /** The present state, unmodifiable and live. */
  Manifest view() {
    return view;
  }

  /** What one path was before a delta touched it. */
  private record Before(String path, @Nullable ContentId object, @Nullable String mode) {}

  /** One applied delta. */
  final class Applied {
    private final List<Before> touched = new ArrayList<>();

    /** Restores the state before the delta; the deltas applied later must be undone already. */
    void undo() {
      for (Before before : touched.reversed()) {
        set(before.path(), before.object(), before.mode());
      }
    }

    private void change(String path, @Nullable ContentId object, @Nullable String mode) {
      touched.add(new Before(path, objects.get(path), modes.get(path)));
      set(path, object, mode);
    }
  }

  /** Applies a delta: removals first, then upserts, then modes that stand alone. */
  Applied apply(Snapshot delta) {
    Applied applied = new Applied();
    delta.removed().forEach(path -> applied.change(path, null, null));
    delta.entries().forEach((path, id) -> applied.change(path, id, delta.modes().get(path)));
    delta
        .modes()
        .forEach((path, mode) -> {
          if (!delta.entries().containsKey(path)) {
            applied.change(path, objects.get(path), mode);
          }
        });
    return applied;
  }

  private void set(String path, @Nullable ContentId object, @Nullable String mode) {
    if (object == null) {
      objects.remove(path);
    } else {
      objects.put(path, object);
    }
    if (mode == null) {
      modes.remove(path);
    } else {
      modes.put(path, mode);
    }
  }
}
