package dev.sheaf.api.fetch;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.history.IdDialect;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.bundle.msgpack.Msgpack;
import dev.sheaf.repository.Packs;
import dev.sheaf.repository.Refs;
import dev.sheaf.repository.Repo;
import dev.sheaf.repository.history.Commits;
import dev.sheaf.storage.ObjectStore;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Packs in the store, found again by what they answer. */
final class PreparedPacks {
  /** Part of every fingerprint: raise it when packs come to be written differently. */
  private static final int FORM = 2;

  private final ObjectStore store;
  private final Packs packs;
  private final Commits commits;
  private final InstantSource clock;

  PreparedPacks(ObjectStore store, Packs packs, Commits commits, InstantSource clock) {
    this.store = store;
    this.packs = packs;
    this.commits = commits;
    this.clock = clock;
  }

  /**
   * A hash of everything that the answer depends on: the commits on both sides that the repository
   * knows, since histories never change, and the refs, which travel with it.
   */
  ContentId fingerprint(Repo repo, WantHave wantHave, Refs.Page refs, IdDialect dialect) {
    Set<String> asked = new HashSet<>(wantHave.want());
    asked.addAll(wantHave.have());
    Set<String> known = commits.known(repo.repoId(), asked);
    return Ids.object(
        Msgpack.encode(
            Arrays.asList(
                FORM,
                dialect.name(),
                sorted(wantHave.want(), known),
                sorted(wantHave.have(), known),
                refs.branchHeads())));
  }

  /** The pack with this fingerprint, if it was prepared and the store still has it. */
  Optional<Packs.Pack> find(Repo repo, ContentId fingerprint) {
    return packs
        .find(repo.repoId(), fingerprint)
        .filter(pack -> store.head(ObjectKeys.pack(pack.pack())).isPresent());
  }

  /** Stores a pack for this request and the next ones like it. */
  Packs.Pack keep(Repo repo, ContentId fingerprint, PackWriter.Written written) {
    ObjectStore.PutResult put =
        store.put(
            ObjectKeys.pack(written.sha256()),
            written.file(),
            written.sha256(),
            ObjectStore.Condition.IF_ABSENT,
            "application/x-msgpack");
    Packs.Pack pack = new Packs.Pack(written.sha256(), written.file().size());
    packs.remember(repo.repoId(), fingerprint, pack, put, clock.instant());
    return pack;
  }

  private static Collection<String> sorted(Collection<String> ids, Set<String> known) {
    Set<String> sorted = new TreeSet<>(ids);
    sorted.retainAll(known);
    return List.copyOf(sorted);
  }
}
