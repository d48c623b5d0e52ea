package dev.sheaf.storage.wiring;

import java.util.ArrayList;
import java.util.List;
import org.crac.Context;
import org.crac.Core;
import org.crac.Resource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a function does before a snapshot of its process is taken, from which any number of
 * processes go on later (Lambda's SnapStart). Whatever must not be the same in all of them, random
 * bits above all, is drawn afterwards: by those who need it, when they need it.
 */
public final class SnapStart {
  private static final Logger log = LoggerFactory.getLogger(SnapStart.class);

  /** The platform itself only holds them weakly. */
  private static final List<Resource> KEPT = new ArrayList<>();

  private SnapStart() {}

  /**
   * Has something run before a snapshot is taken; without snapshots, it never runs. Should it fail,
   * the snapshot is taken all the same, and what goes on from it is only slower at first.
   */
  public static synchronized void before(Runnable preparation) {
    Resource resource = new Preparation(preparation);
    KEPT.add(resource);
    Core.getGlobalContext().register(resource);
  }

  private record Preparation(Runnable action) implements Resource {
    @Override
    public void beforeCheckpoint(Context<? extends Resource> context) {
      try {
        action.run();
      } catch (RuntimeException e) {
        log.warn("not warmed up before the snapshot", e);
      }
    }

    @Override
    public void afterRestore(Context<? extends Resource> context) {}
  }
}
