package dev.sheaf.repository;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.storage.ObjectStore;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which repositories may be public, known without the catalog: one object in the bucket, a line
 * {@code owner/name} and one with its id for each, held in memory and read again from time to time.
 *
 * <p>Why: a request without a token is refused unless its repository is public. If the catalog had
 * to say so, everybody who guesses names would keep a database awake, and paid for, that sleeps
 * when nobody works. A cache of what the catalog said would not help: guesses do not repeat. The
 * list does, since its absence of a name is an answer; any number of guesses costs one small GET of
 * the bucket every {@link #RELOAD_FOR_UNKNOWN} in each process, and no statement.
 *
 * <p>The list may name too many, never too few: a name is added before the catalog makes the
 * repository public, and removed after it has made it private. Whoever is on it is looked up as
 * ever. A name that was added elsewhere is seen after {@code RELOAD_FOR_UNKNOWN} at the latest. A
 * site that has no list yet, or one of an older release without ids, makes it from the catalog,
 * once. Thread-safe.
 */
public final class PublicRepos {
  /** How long a list is good for those who are on it; a lookup follows anyway. */
  static final Duration RELOAD = Duration.ofMinutes(5);

  /** An unknown name may be new; but guessing must not read the list each time. */
  static final Duration RELOAD_FOR_UNKNOWN = Duration.ofSeconds(5);

  private static final int ATTEMPTS = 8;

  /** A line that is neither a name nor an id: a list without it has no ids. */
  private static final String WITH_IDS = "with ids";

  private final ObjectStore store;
  private final Supplier<Collection<String>> catalog;
  private final LongSupplier nanoTime;

  private @Nullable Listed known;
  private long readAt;

  private record Listed(Set<String> names, @Nullable String etag) {
    boolean holds(String wanted, String before) {
      return names.contains(wanted) || names.contains(before);
    }
  }

  /**
   * @param catalog the names of all public repositories, as {@code owner/name}, and their ids
   * @param nanoTime ages what was read
   */
  public PublicRepos(
      ObjectStore store, Supplier<Collection<String>> catalog, LongSupplier nanoTime) {
    this.store = store;
    this.catalog = catalog;
    this.nanoTime = nanoTime;
  }

  /**
   * Whether a repository may be public; if not, it is not, or has been for seconds only. One that
   * is shown as {@code name~site} now may have been listed when it was shown by its name.
   */
  public synchronized boolean mayHold(String owner, String name) {
    String wanted = owner + "/" + name;
    String before = wanted.replaceFirst("~.*", "");
    return listed(RELOAD).holds(wanted, before) || listed(RELOAD_FOR_UNKNOWN).holds(wanted, before);
  }

  /** As {@link #mayHold}, of the repository with an id. */
  public synchronized boolean mayHoldId(String id) {
    return listedWithIds(RELOAD).names.contains(id)
        || listedWithIds(RELOAD_FOR_UNKNOWN).names.contains(id);
  }

  /** Puts a repository on the list: before it becomes public. */
  public void add(Repo repo) {
    change(List.of(repo.path(), repo.repoId()), List.of());
  }

  /** Takes a repository off the list: after it became private. */
  public void remove(Repo repo) {
    change(List.of(), List.of(repo.path(), repo.repoId()));
  }

  /** Puts names and ids on the list, and takes others off it. */
  void change(Collection<String> added, Collection<String> removed) {
    change(names -> {
      boolean isChanged = names.removeAll(removed);
      return names.addAll(added) || isChanged;
    });
  }

  private Listed listedWithIds(Duration age) {
    Listed listed = listed(age);
    if (!listed.names.contains(WITH_IDS)) {
      change(fromCatalog(), List.of());
      listed = listed(RELOAD);
    }
    return listed;
  }

  private Listed listed(Duration age) {
    Listed current = known;
    if (current != null && nanoTime.getAsLong() - readAt < age.toNanos()) {
      return current;
    }
    return read(current);
  }

  private Listed read(@Nullable Listed before) {
    long now = nanoTime.getAsLong();
    Optional<ObjectStore.Download> download =
        store.get(
            ObjectKeys.PUBLIC_REPOS,
            before == null || before.etag == null
                ? ObjectStore.Read.WHOLE
                : ObjectStore.Read.unless(before.etag));
    Listed found = download.isEmpty() ? made() : parsed(download.get(), before);
    known = found;
    readAt = now;
    return found;
  }

  private static Listed parsed(ObjectStore.Download download, @Nullable Listed before) {
    try (download) {
      return download.notModified() && before != null
          ? before
          : new Listed(
              new String(download.body().readAllBytes(), UTF_8)
                  .lines()
                  .collect(Collectors.toCollection(TreeSet::new)),
              download.object().etag());
    } catch (IOException e) {
      throw new SheafException(
          ErrorKind.UNAVAILABLE, "reading " + ObjectKeys.PUBLIC_REPOS + " broke off; try again", e);
    }
  }

  /** Makes the list of a site that has none. */
  private Listed made() {
    Set<String> names = fromCatalog();
    return write(names, ObjectStore.Condition.IF_ABSENT)
        .map(etag -> new Listed(names, etag))
        // Somebody else made it; without an ETag it is read whole next time.
        .orElseGet(() -> new Listed(names, null));
  }

  private Set<String> fromCatalog() {
    Set<String> names = new TreeSet<>(catalog.get());
    names.add(WITH_IDS);
    return names;
  }

  private interface Change {
    /** Whether there was anything to change. */
    boolean to(Set<String> names);
  }

  private synchronized void change(Change change) {
    for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
      Listed current = read(known);
      Set<String> names = new TreeSet<>(current.names);
      if (!change.to(names)) {
        return;
      }
      Optional<String> etag =
          current.etag == null
              ? Optional.empty()
              : write(names, new ObjectStore.Condition.IfMatch(current.etag));
      if (etag.isPresent()) {
        known = new Listed(names, etag.get());
        return;
      }
    }
    throw new SheafException(
        ErrorKind.UNAVAILABLE,
        ObjectKeys.PUBLIC_REPOS + " is being changed by others all the time; try again");
  }

  private Optional<String> write(Set<String> names, ObjectStore.Condition condition) {
    byte[] lines =
        names.stream().map(name -> name + "\n").collect(Collectors.joining()).getBytes(UTF_8);
    return store.put(ObjectKeys.PUBLIC_REPOS, Content.of(lines), null, condition, "text/plain")
            instanceof ObjectStore.PutResult.Written(String etag)
        ? Optional.of(etag)
        : Optional.empty();
  }
}
