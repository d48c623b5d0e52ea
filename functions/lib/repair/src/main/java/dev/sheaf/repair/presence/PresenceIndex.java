package dev.sheaf.repair.presence;

import dev.sheaf.bundle.ContentId;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What one listing has seen, in memory: 48 bytes a key. Of each kind the entries lie in as many
 * parts as the listing had lanes, one after the other in the order of their ids. Never changes.
 */
public final class PresenceIndex implements Presence {
  private static final Standing OUTSIDE = new Standing.Unknown("it was not listed");

  private final Map<Kind, List<Entries>> parts;
  private final Range range;
  private final Listing listing;
  private final Optional<LaterKinds> later;

  /**
   * How an index came about.
   *
   * @param startedAt when its first request was made: what was written before is in it
   * @param requests LISTs that it took
   * @param entries keys in it
   * @param foreign keys below the prefixes that Sheaf did not write
   */
  public record Listing(Instant startedAt, int requests, long entries, long foreign) {}

  PresenceIndex(Map<Kind, List<Entries>> parts, Range range, Listing listing) {
    this(parts, range, listing, Optional.empty());
  }

  /**
   * @param later kinds that are not listed yet
   */
  PresenceIndex(
      Map<Kind, List<Entries>> parts, Range range, Listing listing, Optional<LaterKinds> later) {
    this.later = later;
    this.range = range;
    this.parts = new EnumMap<>(parts);
    this.listing = listing;
  }

  /** Whether a kind has been listed with the objects; others are when they are asked for. */
  public boolean lists(Kind kind) {
    return later.filter(kinds -> kinds.contains(kind)).isEmpty();
  }

  /** LISTs of what was not listed at first. */
  public int laterRequests() {
    return later.map(LaterKinds::requests).orElse(0);
  }

  /** How it came about. */
  public Listing listing() {
    return listing;
  }

  @Override
  public boolean isListed() {
    return true;
  }

  @Override
  public List<Standing> of(Kind kind, List<String> keys) {
    if (!lists(kind) && entries(kind).isEmpty()) {
      return later.orElseThrow().ask(kind, keys);
    }
    return keys.stream().map(key -> of(kind, key)).toList();
  }

  /** Where one key stands. */
  public Standing of(Kind kind, String key) {
    Optional<ContentId> id = IndexKeys.of(kind, key);
    if (!lists(kind) && entries(kind).isEmpty()) {
      return later.orElseThrow().ask(kind, List.of(key)).getFirst();
    }
    return id.isEmpty() ? Standing.ABSENT : of(kind, id.get());
  }

  private Standing of(Kind kind, ContentId id) {
    if (kind == Kind.OBJECT && !range.holds(id)) {
      return OUTSIDE;
    }
    for (Entries entries : entries(kind)) {
      if (entries.count() > 0 && entries.id(entries.count() - 1).compareTo(id) >= 0) {
        int at = entries.find(id);
        return at < 0 ? Standing.ABSENT : entries.facts(at);
      }
    }
    return Standing.ABSENT;
  }

  /**
   * Takes the objects between two ids in order.
   *
   * @param after null for those from the first on
   * @param last null for those up to the last; itself included
   */
  public void objectsBetween(
      @Nullable ContentId after,
      @Nullable ContentId last,
      BiConsumer<ContentId, Standing.Present> consumer) {
    for (Entries entries : entries(Kind.OBJECT)) {
      int at = after == null ? -1 : entries.find(after);
      int from = after == null ? 0 : at < 0 ? -(at + 1) : at + 1;
      for (int i = from; i < entries.count(); i++) {
        ContentId id = entries.id(i);
        if (last != null && id.compareTo(last) > 0) {
          return;
        }
        consumer.accept(id, entries.facts(i));
      }
    }
  }

  /** The objects that it knows of. */
  public Range range() {
    return range;
  }

  /**
   * How many objects there are up to an id, itself included, and keys of kinds listed with them.
   */
  public long listedUpTo(ContentId last) {
    long count = 0;
    for (Map.Entry<Kind, List<Entries>> part : parts.entrySet()) {
      for (Entries entries : part.getValue()) {
        int at = part.getKey() == Kind.OBJECT ? entries.find(last) : entries.count() - 1;
        count += at < 0 ? -(at + 1) : at + 1;
      }
    }
    return count;
  }

  private List<Entries> entries(Kind kind) {
    return lists(kind)
        ? parts.getOrDefault(kind, List.of())
        : later.flatMap(kinds -> kinds.entries(kind)).orElse(List.of());
  }

  /** Bytes that the arrays of entries take. */
  public long bytes() {
    return parts.values().stream().flatMap(List::stream).mapToLong(Entries::bytes).sum();
  }
}
