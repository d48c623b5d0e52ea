package dev.sheaf.repair.presence;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.ObjectStore.Page;
import dev.sheaf.storage.ObjectStore.StoredObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A range of keys of one kind, listed by itself.
 *
 * @param after the keys behind this one
 * @param before the keys before this one; null for all to the end
 */
record Lane(Kind kind, String after, @Nullable String before) {
  /**
   * The ranges of a bucket: as many as asked for of objects, which are most and whose keys are
   * evenly spread, and one of each other kind that is wanted.
   *
   * @param objectLanes from 1 to 256
   * @param range the objects that are wanted
   */
  static List<Lane> all(int objectLanes, Range range, Set<Kind> kinds) {
    List<Lane> lanes = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      if (kind != Kind.OBJECT && kinds.contains(kind)) {
        lanes.add(new Lane(kind, kind.prefix(), null));
      }
    }
    for (int i = 0; i < objectLanes; i++) {
      String after = i == 0 ? range.afterKey() : range.cut(i, objectLanes);
      boolean isLast = i == objectLanes - 1;
      lanes.add(
          new Lane(Kind.OBJECT, after, isLast ? range.beforeKey() : range.cut(i + 1, objectLanes)));
    }
    return lanes;
  }

  /**
   * What a lane has seen.
   *
   * @param requests LISTs that it took
   * @param foreign keys in it that Sheaf did not write
   */
  record Seen(Lane lane, Entries entries, int requests, long foreign) {}

  /**
   * Lists the range to its end.
   *
   * @param progress told the number of keys of each page
   * @throws ListingException when what comes is no listing of it
   */
  Seen list(ObjectStore store, IntConsumer progress) {
    Entries entries = new Entries();
    long foreign = 0;
    int requests = 0;
    String last = after;
    Page page = store.listAfter(kind.prefix(), after);
    while (true) {
      requests++;
      progress.accept(page.objects().size());
      for (StoredObject object : page.objects()) {
        requireNext(last, object.key());
        last = object.key();
        if (before != null && last.compareTo(before) >= 0) {
          return seen(entries, requests, foreign);
        }
        if (!add(entries, object)) {
          foreign++;
        }
      }
      if (page.next() == null) {
        return seen(entries, requests, foreign);
      }
      if (page.objects().isEmpty()) {
        throw new ListingException(
            "a page of %s behind %s is empty, and says that more follow".formatted(kind, last));
      }
      page = store.list(kind.prefix(), null, page.next());
    }
  }

  private boolean add(Entries entries, StoredObject object) {
    Optional<ContentId> id = IndexKeys.of(kind, object.key());
    id.ifPresent(found -> entries.add(found, Standing.of(object)));
    return id.isPresent();
  }

  private void requireNext(String last, String key) {
    // Keys of ours are ASCII, in which texts are in the order of bytes. Others may be anything.
    if (key.compareTo(last) <= 0 && IndexKeys.of(kind, key).isPresent()) {
      throw new ListingException(
          "the listing of %s is out of order: %s after %s".formatted(kind.prefix(), key, last));
    }
  }

  private Seen seen(Entries entries, int requests, long foreign) {
    if (kind == Kind.BUNDLE || kind == Kind.GIT) {
      return new Seen(this, entries.sorted(), requests, foreign);
    }
    entries.trim();
    return new Seen(this, entries, requests, foreign);
  }
}
