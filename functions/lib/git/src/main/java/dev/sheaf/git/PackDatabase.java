package dev.sheaf.git;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.jgit.internal.storage.dfs.DfsObjDatabase;
import org.eclipse.jgit.internal.storage.dfs.DfsOutputStream;
import org.eclipse.jgit.internal.storage.dfs.DfsPackDescription;
import org.eclipse.jgit.internal.storage.dfs.DfsReaderOptions;
import org.eclipse.jgit.internal.storage.dfs.ReadableChannel;
import org.eclipse.jgit.internal.storage.pack.PackExt;

/** The objects of a fixed list of packs. */
final class PackDatabase extends DfsObjDatabase {
  private final List<DfsPackDescription> descriptions = new ArrayList<>();
  private final Map<String, PackFiles> byName = new HashMap<>();

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
