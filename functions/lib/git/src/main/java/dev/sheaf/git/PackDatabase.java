package dev.sheaf.git;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.storage.parallel.ParallelCalls;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jgit.internal.storage.dfs.DfsObjDatabase;
import org.eclipse.jgit.internal.storage.dfs.DfsOutputStream;
import org.eclipse.jgit.internal.storage.dfs.DfsPackDescription;
import org.eclipse.jgit.internal.storage.dfs.DfsPackFile;
import org.eclipse.jgit.internal.storage.dfs.DfsReader;
import org.eclipse.jgit.internal.storage.dfs.DfsReaderOptions;
import org.eclipse.jgit.internal.storage.dfs.ReadableChannel;
import org.eclipse.jgit.internal.storage.pack.PackExt;

/** The objects of a fixed list of packs. */
final class PackDatabase extends DfsObjDatabase {
  private static final int INDEXES_AT_A_TIME = 16;

  private final List<DfsPackDescription> descriptions = new ArrayList<>();
  private final Map<String, PackFiles> byName = new HashMap<>();
  private final AtomicBoolean indexesAsked = new AtomicBoolean();

  PackDatabase(PackRepository repository, DfsReaderOptions options, List<PackFiles> packs) {
    super(repository, options);
    packs.forEach(pack -> {
      if (byName.put(pack.pack().name().hex(), pack) == null) {
        // Later ones are asked first: what is read is mostly what was pushed last.
        descriptions.add(pack.describe(repository.getDescription(), descriptions.size() + 1L));
      }
    });
  }

  @Override
  protected List<DfsPackDescription> listPacks() {
    return List.copyOf(descriptions);
  }

  /**
   * Whoever reads asks every index. One after another they would take as many round trips as there
   * are packs that nobody has folded yet, so the first reader gets those that are not cached side
   * by side.
   */
  @Override
  public DfsReader newReader() {
    if (descriptions.size() > 1 && indexesAsked.compareAndSet(false, true)) {
      loadIndexes();
    }
    return super.newReader();
  }

  private void loadIndexes() {
    try (ParallelCalls<Boolean> calls = new ParallelCalls<>(INDEXES_AT_A_TIME)) {
      for (DfsPackFile pack : getPacks()) {
        calls.submit(() -> {
          try (DfsReader reader = super.newReader()) {
            return pack.getPackIndex(reader) != null;
          }
        });
      }
      calls.results();
    } catch (IOException e) {
      throw new SheafException(
          ErrorKind.CORRUPT, "an index of the repository cannot be read: " + e.getMessage(), e);
    }
  }

  @Override
  public long getApproximateObjectCount() {
    return byName.values().stream().mapToLong(files -> files.pack().objects()).sum();
  }

  @Override
  protected ReadableChannel openFile(DfsPackDescription pack, PackExt extension) {
    PackFiles files = byName.get(pack.getPackName());
    if (files == null) {
      throw new IllegalArgumentException("not a pack of this repository: " + pack);
    }
    return files.open(extension);
  }

  @Override
  protected DfsPackDescription newPack(PackSource source) {
    throw readOnly();
  }

  @Override
  protected void commitPackImpl(
      Collection<DfsPackDescription> packs, Collection<DfsPackDescription> replaced) {
    throw readOnly();
  }

  @Override
  protected void rollbackPack(Collection<DfsPackDescription> packs) {
    throw readOnly();
  }

  @Override
  protected DfsOutputStream writeFile(DfsPackDescription pack, PackExt extension) {
    throw readOnly();
  }

  private static UnsupportedOperationException readOnly() {
    return new UnsupportedOperationException("packs come in through PackIntake only");
  }
}
