package dev.sheaf.repair;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.git.BundleHeader;
import dev.sheaf.git.GitKeys;
import dev.sheaf.git.GitStorage;
import dev.sheaf.git.PackIntake;
import dev.sheaf.git.ReceivedPack;
import dev.sheaf.git.RepoPath;
import dev.sheaf.git.StoredPack;
import dev.sheaf.repair.presence.Kind;
import dev.sheaf.repair.presence.Presence;
import dev.sheaf.repair.presence.Standing;
import dev.sheaf.repository.SiteLog;
import dev.sheaf.repository.git.GitPorts;
import dev.sheaf.repository.inventory.GitInventory;
import dev.sheaf.repository.inventory.Inventory.Item;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.catalog.Catalog;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.eclipse.jgit.internal.storage.dfs.DfsRepository;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Re-makes lost packs of git repositories out of the uploads that brought them, by the intake that
 * took them in the first time, and what is derived from a pack out of the pack. Bytes that come out
 * under another name than the one that is missing are not stored.
 */
final class GitRecovery {
  private static final Logger log = LoggerFactory.getLogger(GitRecovery.class);

  private final GitStorage storage;
  private final GitInventory inventory;
  private final Presence presence;
  private final PackSpace space;
  private final PackIntake intake;
  private final Attempts attempts;
  private final Counters counters;
  private final Set<String> made = new HashSet<>();
  private boolean isCertain = true;

  GitRecovery(
      ObjectStore store,
      GitInventory inventory,
      Presence presence,
      PackSpace space,
      Attempts attempts,
      Counters counters) {
    this.storage = new GitStorage(store);
    this.inventory = inventory;
    this.presence = presence;
    this.space = space;
    this.intake = new PackIntake(space.temp(), space.limits());
    this.attempts = attempts;
    this.counters = counters;
  }

  /** What takes packs in where these lie. Peers are told of nothing: a fold is each site's own. */
  GitPorts ports(Catalog catalog, InstantSource clock) {
    return new GitPorts(
        catalog, storage.store(), storage, space.temp(), space.limits(), clock, SiteLog.OFF);
  }

  /** Whether no upload was passed over that may be read another time. */
  boolean hasSeenAll() {
    return isCertain;
  }

  /** What came back, and whether time sufficed to look everywhere. */
  record Restored(Set<Item> packs, boolean hasLookedEverywhere) {}

  /**
   * Brings packs back.
   *
   * @param lost packs that are not in the store
   * @param isShortOfTime asked before each upload
   */
  Restored restore(Collection<Item> lost, BooleanSupplier isShortOfTime) {
    Map<String, List<Item>> repositories = new LinkedHashMap<>();
    lost.forEach(pack ->
        repositories.computeIfAbsent(GitInventory.repoId(pack), _ -> new ArrayList<>()).add(pack));
    Set<Item> restored = new HashSet<>();
    for (List<Item> packs : repositories.values()) {
      if (!restore(packs, restored, isShortOfTime)) {
        return new Restored(restored, false);
      }
    }
    return new Restored(restored, true);
  }

  /** Again as long as one came back: others may be deltas against what is in it. */
  private boolean restore(List<Item> lost, Set<Item> restored, BooleanSupplier isShortOfTime) {
    List<StoredPack> all = inventory.packs(GitInventory.repoId(lost.getFirst()));
    List<StoredPack> there = new ArrayList<>(readable(repo(lost.getFirst()), without(all, lost)));
    List<Item> left = new ArrayList<>(lost);
    int before;
    do {
      before = left.size();
      for (Item pack : List.copyOf(left)) {
        if (isShortOfTime.getAsBoolean()) {
          return false;
        }
        if (isRestored(pack, there)) {
          left.remove(pack);
          all.stream().filter(one -> one.name().equals(pack.id())).forEach(there::add);
          restored.add(pack);
        }
      }
    } while (!left.isEmpty() && left.size() < before);
    return true;
  }

  /**
   * The packs of a repository from which nothing can be read: those that are lost, whatever the
   * listing said of them, and those without an index.
   *
   * @param lost of one repository
   */
  Set<ContentId> unreadable(List<Item> lost) {
    List<StoredPack> all = inventory.packs(GitInventory.repoId(lost.getFirst()));
    Set<ContentId> unreadable = new HashSet<>();
    all.forEach(pack -> unreadable.add(pack.name()));
    readable(repo(lost.getFirst()), without(all, lost))
        .forEach(pack -> unreadable.remove(pack.name()));
    return unreadable;
  }

  /** The packs that are there with their indexes, as far as anybody knows. */
  private List<StoredPack> readable(RepoPath repo, List<StoredPack> packs) {
    List<String> keys = new ArrayList<>();
    for (StoredPack pack : packs) {
      keys.add(GitKeys.key(repo, pack.name(), GitKeys.Part.PACK));
      keys.add(GitKeys.key(repo, pack.name(), GitKeys.Part.INDEX));
    }
    List<Standing> standings = presence.of(Kind.GIT, keys);
    List<StoredPack> readable = new ArrayList<>();
    for (int i = 0; i < packs.size(); i++) {
      if (isThere(keys.get(2 * i), standings.get(2 * i))
          && isThere(keys.get(2 * i + 1), standings.get(2 * i + 1))) {
        readable.add(packs.get(i));
      }
    }
    return readable;
  }

  private boolean isThere(String key, Standing standing) {
    return made.contains(key) || standing instanceof Standing.Present;
  }

  private void made(RepoPath repo, ContentId pack) {
    made.add(GitKeys.key(repo, pack, GitKeys.Part.PACK));
    made.add(GitKeys.key(repo, pack, GitKeys.Part.INDEX));
  }

  private static List<StoredPack> without(List<StoredPack> all, List<Item> lost) {
    Set<ContentId> gone = new HashSet<>();
    lost.forEach(pack -> gone.add(pack.id()));
    return all.stream().filter(pack -> !gone.contains(pack.name())).toList();
  }

  private boolean isRestored(Item pack, List<StoredPack> there) {
    for (ContentId upload : inventory.uploadsOf(GitInventory.repoId(pack), pack.id())) {
      RepoPath repo = repo(pack);
      String key = ObjectKeys.bundle(repo.owner(), repo.name(), upload);
      if (!isBegun("read " + key)) {
        isCertain = false;
        continue;
      }
      try (ReceivedPack received = receive(key, storage.open(repo, there))) {
        if (received.objects() > 0 && received.name().equals(pack.id())) {
          received.store(storage.store(), repo, true);
          made(repo, pack.id());
          counters.add(Counter.REMADE_FROM_BUNDLE);
          return true;
        }
        log.warn("upload {} does not become {} any more", key, pack.key());
      } catch (SheafException e) {
        counters.add(Counter.READ_BLOB_FAIL);
        isCertain &= e.kind() != ErrorKind.UNAVAILABLE;
        log.warn("upload {} does not give {} back: {}", key, pack.key(), e.getMessage());
      }
    }
    return false;
  }

  /** Not where it has ended invocations. */
  private boolean isBegun(String attempt) {
    if (attempts.passedOver(attempt).isPresent()) {
      return false;
    }
    attempts.begin(attempt);
    return true;
  }

  private ReceivedPack receive(String upload, DfsRepository base) {
    try (ObjectStore.Download download = open(upload);
        InputStream in = new BufferedInputStream(download.body(), 1 << 16)) {
      BundleHeader.read(in);
      return intake.receive(in, base);
    } catch (IOException e) {
      throw new SheafException(ErrorKind.UNAVAILABLE, "reading " + upload + " broke off", e);
    }
  }

  private ObjectStore.Download open(String key) {
    return storage
        .store()
        .get(key, ObjectStore.Read.WHOLE)
        .orElseThrow(() -> new SheafException(ErrorKind.NOT_FOUND, key + " is gone"));
  }

  /**
   * Makes a derived file anew. An index comes out of its pack; a bitmap is forgotten until the next
   * full fold writes one.
   *
   * @return whether that is done; not when the pack cannot be read, which is looked at by itself
   */
  boolean remake(Item derived) {
    switch (GitInventory.part(derived)) {
      case INDEX -> {
        return isIndexed(derived);
      }
      case BITMAP -> inventory.forgetBitmap(derived);
      case PACK -> throw new IllegalArgumentException(derived.key() + " is derived from nothing");
    }
    counters.add(Counter.DERIVED_REMADE);
    return true;
  }

  /** Writes the index of the pack that a file is, or belongs to, whatever lies there. */
  boolean isIndexed(Item file) {
    RepoPath repo = repo(file);
    String key = GitKeys.key(repo, file.id(), GitKeys.Part.PACK);
    if (!isBegun("index " + key)) {
      return false;
    }
    try (ReceivedPack received = read(key, storage.open(repo, List.of()))) {
      if (received.objects() == 0 || !received.name().equals(file.id())) {
        throw new SheafException(ErrorKind.CORRUPT, "its bytes are not those of its name");
      }
      received.storeIndex(storage.store(), repo);
      made(repo, file.id());
      counters.add(Counter.DERIVED_REMADE);
      return true;
    } catch (SheafException e) {
      counters.add(Counter.READ_BLOB_FAIL);
      log.warn("{} gives no index: {}", key, e.getMessage());
      return false;
    }
  }

  private ReceivedPack read(String pack, DfsRepository nothing) {
    try (ObjectStore.Download download = open(pack)) {
      return intake.receive(download.body(), nothing);
    }
  }

  private static RepoPath repo(Item file) {
    return Objects.requireNonNull(GitKeys.parse(file.key()), file.key()).repo();
  }
}
