package dev.sheaf.git.fold;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.git.DeadlineProgress;
import dev.sheaf.git.GitStorage;
import dev.sheaf.git.LocalCopy;
import dev.sheaf.git.RepoPath;
import dev.sheaf.git.SpooledPack;
import dev.sheaf.git.StoredPack;
import dev.sheaf.git.WalkReader;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.eclipse.jgit.errors.MissingObjectException;
import org.eclipse.jgit.internal.storage.pack.PackWriter;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.revwalk.RevWalk;
import org.eclipse.jgit.storage.pack.PackConfig;

/** Makes the packs that a plan asks for, in temp space, from a copy of the old ones. */
public final class Folder {
  private final GitStorage storage;
  private final Path temp;

  /**
   * @param temp the folder for temp files
   */
  public Folder(GitStorage storage, Path temp) {
    this.storage = storage;
    this.temp = temp;
  }

  /**
   * Carries a plan out as far as nobody sees it.
   *
   * @param tips what the repository's refs and its HEAD point to; only a full fold needs them
   * @throws SheafException CORRUPT where packs lack what they should hold: nothing is folded then;
   *     UNAVAILABLE when the store failed or the time is over
   */
  public Folded fold(RepoPath repo, FoldPlan plan, Collection<ObjectId> tips) {
    // What is kept because no ref reached it may be reached again, and is read then.
    List<StoredPack> sources =
        plan.kind() == FoldPlan.Kind.FULL
            ? plan.steps().stream().map(FoldPlan.Step::pack).toList()
            : plan.folded();
    try (LocalCopy copy = storage.copy(repo, sources, temp);
        WalkReader reader = new WalkReader(copy.repository())) {
      return fold(repo, plan, tips, copy, reader);
    }
  }

  private Folded fold(
      RepoPath repo, FoldPlan plan, Collection<ObjectId> tips, LocalCopy copy, WalkReader reader) {
    try {
      PackedObjects objects = PackedObjects.of(plan, copy.repository(), reader);
      return plan.kind() == FoldPlan.Kind.FULL
          ? full(objects, reader, new HashSet<>(tips))
          : new Folded(Optional.of(union(objects.folded(), reader)), Optional.empty(), 0);
    } catch (MissingObjectException e) {
      throw corrupt(repo, "an object is nowhere: " + e.getMessage(), e);
    } catch (FileSystemException e) {
      throw new SheafException(
          ErrorKind.UNAVAILABLE, "temp space for a fold cannot be used: " + e.getMessage(), e);
    } catch (IOException e) {
      throw corrupt(repo, e.getMessage(), e);
    } catch (IndexOutOfBoundsException | ClassCastException | IllegalArgumentException e) {
      throw corrupt(repo, "%s; %s".formatted(reader.where(), e.getMessage()), e);
    }
  }

  private static SheafException corrupt(
      RepoPath repo, @org.jspecify.annotations.Nullable String what, Exception e) {
    return new SheafException(
        ErrorKind.CORRUPT,
        "the packs of %s cannot be folded and are left as they are: %s".formatted(repo, what),
        e);
  }

  /** All objects, each once, as they are: deltas are reused, none are looked for. */
  private SpooledPack union(Collection<ObjectId> ids, WalkReader reader) throws IOException {
    PackConfig config = config();
    config.setDeltaCompress(false);
    try (PackWriter packer = new PackWriter(config, reader);
        RevWalk walk = new RevWalk(reader)) {
      packer.setDeltaBaseAsOffset(true);
      for (ObjectId id : ids) {
        packer.addObject(walk.lookupAny(id, reader.open(id).getType()));
      }
      SpooledPack pack = SpooledPack.write(packer, reader, temp, false, new DeadlineProgress());
      return requireCount(pack, ids.size());
    }
  }

  /** JGit's packer has never lost an object; a fold that did would lose it for good. */
  private static SpooledPack requireCount(SpooledPack pack, long expected) {
    if (pack.stored().objects() != expected) {
      pack.close();
      throw new SheafException(
          ErrorKind.CORRUPT,
          "a fold of %d objects has %d; nothing was changed"
              .formatted(expected, pack.stored().objects()));
    }
    return pack;
  }

  private Folded full(PackedObjects objects, WalkReader reader, Set<ObjectId> tips)
      throws IOException {
    try (PackWriter packer = new PackWriter(config(), reader)) {
      packer.setDeltaBaseAsOffset(true);
      packer.setUseBitmaps(false);
      packer.preparePack(new DeadlineProgress(), tips, Set.of());
      Unreached unreached = Unreached.of(objects, packer, reader);
      Optional<SpooledPack> reached =
          packer.getObjectCount() == 0
              ? Optional.empty()
              : Optional.of(SpooledPack.write(packer, reader, temp, true, new DeadlineProgress()));
      try {
        Optional<SpooledPack> kept =
            unreached.kept().isEmpty()
                ? Optional.empty()
                : Optional.of(union(unreached.kept(), reader));
        return new Folded(reached, kept, unreached.dropped());
      } catch (Throwable e) {
        reached.ifPresent(SpooledPack::close);
        throw e;
      }
    }
  }

  private static PackConfig config() {
    PackConfig config = new PackConfig();
    config.setIndexVersion(2);
    config.setReuseDeltas(true);
    config.setReuseObjects(true);
    config.setBuildBitmaps(true);
    return config;
  }
}
