package dev.sheaf.repair.presence;

import dev.sheaf.bundle.SheafException;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.parallel.ParallelCalls;
import java.util.List;

/** Asks the store key by key, many at a time: one HEAD each. */
public final class HeadPresence implements Presence {
  private static final int IN_FLIGHT = 32;

  private final ObjectStore store;

  public HeadPresence(ObjectStore store) {
    this.store = store;
  }

  @Override
  public List<Standing> of(Kind kind, List<String> keys) {
    try (ParallelCalls<Standing> heads = new ParallelCalls<>(IN_FLIGHT)) {
      keys.forEach(key -> heads.submit(() -> head(key)));
      return heads.results();
    }
  }

  private Standing head(String key) {
    try {
      return store.head(key).<Standing>map(Standing::of).orElse(Standing.ABSENT);
    } catch (SheafException e) {
      return new Standing.Unknown(String.valueOf(e.getMessage()));
    }
  }

  @Override
  public boolean isListed() {
    return false;
  }
}
