package dev.sheaf.repair.presence;

import dev.sheaf.bundle.SheafException;
import dev.sheaf.storage.ObjectStore;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Kinds that have been gone through already, by an invocation before: they are listed when somebody
 * asks for one of them, which in most ranges of objects nobody does.
 */
final class LaterKinds {
  private static final Logger log = LoggerFactory.getLogger(LaterKinds.class);

  private final ObjectStore store;
  private final Set<Kind> others;
  private final Map<Kind, Optional<List<Entries>>> listed = new EnumMap<>(Kind.class);
  private int requests;

  /**
   * @param others that are listed already
   */
  LaterKinds(ObjectStore store, Set<Kind> others) {
    this.store = store;
    this.others = others;
  }

  boolean contains(Kind kind) {
    return !others.contains(kind);
  }

  /** LISTs that were made so far. */
  synchronized int requests() {
    return requests;
  }

  /** Empty where a LIST failed: whoever asks has to ask key by key then. */
  synchronized Optional<List<Entries>> entries(Kind kind) {
    return listed.computeIfAbsent(kind, this::list);
  }

  private Optional<List<Entries>> list(Kind kind) {
    try {
      Lane.Seen seen = new Lane(kind, kind.prefix(), null).list(store, _ -> {});
      requests += seen.requests();
      return Optional.of(List.of(seen.entries()));
    } catch (SheafException | ListingException e) {
      log.warn("{} is asked for key by key, since a LIST failed: {}", kind, e.getMessage());
      return Optional.empty();
    }
  }

  /** Key by key. */
  List<Standing> ask(Kind kind, List<String> keys) {
    return new HeadPresence(store).of(kind, keys);
  }
}
