package dev.sheaf.journal;

import dev.sheaf.journal.NamespaceListing.Listed;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.ObjectStore.Page;
import dev.sheaf.storage.ObjectStore.StoredObject;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One listing of all that journals keep in a bucket: every namespace with its segments and its
 * rollup, a request for each 1,000 objects.
 *
 * @param namespaces in the order of their keys; only such as have a segment or a rollup
 * @param requests LISTs that it took
 */
public record Survey(List<ListedNamespace> namespaces, int requests) {
  public Survey {
    namespaces = List.copyOf(namespaces);
  }

  /** Lists every namespace; those whose names {@link Namespace#of} would refuse are left out. */
  static Survey of(ObjectStore bucket, Host host) {
    return new Walk(host, namespace -> Namespace.isValid(namespace.name()))
        .through(bucket, Namespace.PREFIX);
  }

  /** Lists one namespace, which is shown also when it holds nothing. */
  static Survey of(ObjectStore bucket, Namespace namespace, Host host) {
    Walk walk = new Walk(host, namespace::equals);
    Survey found = walk.through(bucket, namespace.directory());
    return found.namespaces.isEmpty()
        ? new Survey(List.of(walk.empty(namespace)), found.requests)
        : found;
  }

  /** The way through a listing, page by page. */
  private static final class Walk {
    private final Host host;
    private final Predicate<Namespace> wanted;
    private final long startedAt;
    private final Map<Namespace, Found> found = new LinkedHashMap<>();

    Walk(Host host, Predicate<Namespace> wanted) {
      this.host = host;
      this.wanted = wanted;
      this.startedAt = host.nanoTime().getAsLong();
    }

    Survey through(ObjectStore bucket, String prefix) {
      int requests = 0;
      String continuation = null;
      do {
        Moment begun = Moment.now(host);
        Page page = bucket.list(prefix, null, continuation);
        int request = ++requests;
        for (StoredObject object : page.objects()) {
          Namespace.ofKey(object.key())
              .filter(wanted)
              .ifPresent(namespace ->
                  found
                      .computeIfAbsent(namespace, name -> new Found(name, begun))
                      .add(object, request));
        }
        continuation = page.next();
      } while (continuation != null);
      List<ListedNamespace> namespaces = new ArrayList<>();
      found.values().stream()
          .filter(one -> one.rollup != null || !one.segments.isEmpty())
          .forEach(one -> namespaces.add(one.listed(startedAt, host)));
      return new Survey(namespaces, requests);
    }

    ListedNamespace empty(Namespace namespace) {
      return new Found(namespace, Moment.now(host)).listed(startedAt, host);
    }
  }

  /** A moment by both clocks: one may be set back, the other may stand still. */
  private record Moment(Instant onTheWall, long nanos) {
    static Moment now(Host host) {
      return new Moment(host.clock().instant(), host.nanoTime().getAsLong());
    }

    Duration until(Moment later) {
      Duration wall = Duration.between(onTheWall, later.onTheWall);
      Duration ticked = Duration.ofNanos(later.nanos - nanos);
      return wall.compareTo(ticked) > 0 ? wall : ticked;
    }
  }

  /** What has been seen of one namespace. */
  private static final class Found {
    private final Namespace namespace;
    private final Moment begun;
    private final List<Listed> segments = new ArrayList<>();
    private int firstPage;
    private int lastPage;
    private @Nullable StoredObject rollup;

    Found(Namespace namespace, Moment begun) {
      this.namespace = namespace;
      this.begun = begun;
    }

    void add(StoredObject object, int page) {
      firstPage = firstPage == 0 ? page : firstPage;
      lastPage = page;
      if (object.key().equals(namespace.rollupKey())) {
        rollup = object;
      } else if (object.key().startsWith(namespace.segmentPrefix())) {
        segments.add(
            new Listed(
                namespace.segmentName(object.key()),
                object.lastModified().truncatedTo(ChronoUnit.MILLIS)));
      }
    }

    /** A listing of one page saw one moment; for more of them, all the time since the first. */
    ListedNamespace listed(long startedAt, Host host) {
      Duration spread = lastPage == firstPage ? Duration.ZERO : begun.until(Moment.now(host));
      return new ListedNamespace(
          namespace, NamespaceListing.of(segments, spread), Optional.ofNullable(rollup), startedAt);
    }
  }
}
