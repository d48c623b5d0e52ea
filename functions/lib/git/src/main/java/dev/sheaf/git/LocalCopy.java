package dev.sheaf.git;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.git.GitKeys.Part;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.parallel.ParallelCalls;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.DigestOutputStream;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.eclipse.jgit.internal.storage.dfs.DfsRepository;

/**
 * Packs of a repository in temp space, for whoever reads most of what is in them: object by object
 * from the store, that takes a GET for every block of every pack, one after another.
 */
public final class LocalCopy implements AutoCloseable {
  private static final int SLOTS = 8;
  private static final long RANGE = 8L << 20;

  private final DfsRepository repository;
  private final List<SpooledPack> packs;

  private LocalCopy(DfsRepository repository, List<SpooledPack> packs) {
    this.repository = repository;
    this.packs = packs;
  }

  /** A repository over the copies. */
  public DfsRepository repository() {
    return repository;
  }

  /**
   * Downloads packs and their indexes, in ranges side by side; each pack is proven by its name.
   *
   * @throws SheafException CORRUPT for a pack that is not what its name says, or is not there
   */
  static LocalCopy of(GitStorage storage, RepoPath repo, List<StoredPack> packs, Path temp) {
    List<Map<Part, Path>> files = new ArrayList<>();
    try {
      for (StoredPack _ : packs) {
        Map<Part, Path> parts = new EnumMap<>(Part.class);
        files.add(parts);
        parts.put(Part.PACK, Files.createTempFile(temp, "sheaf-", ".pack"));
        parts.put(Part.INDEX, Files.createTempFile(temp, "sheaf-", ".idx"));
      }
      download(storage.store(), repo, packs, files);
      List<SpooledPack> copies = new ArrayList<>();
      for (int i = 0; i < packs.size(); i++) {
        copies.add(new SpooledPack(packs.get(i).name(), packs.get(i).objects(), files.get(i)));
      }
      return new LocalCopy(GitStorage.of(copies), copies);
    } catch (IOException e) {
      delete(files);
      throw new UncheckedIOException(e);
    } catch (Throwable e) {
      delete(files);
      throw e;
    }
  }

  private static void delete(List<Map<Part, Path>> files) {
    files.forEach(parts -> parts.values().forEach(SpooledPack::delete));
  }

  private static void download(
      ObjectStore store, RepoPath repo, List<StoredPack> packs, List<Map<Part, Path>> files) {
    try (ParallelCalls<Boolean> calls = new ParallelCalls<>(SLOTS)) {
      for (int i = 0; i < packs.size(); i++) {
        StoredPack pack = packs.get(i);
        files
            .get(i)
            .forEach((part, file) -> {
              long size = part == Part.PACK ? pack.packBytes() : pack.indexBytes();
              String key = GitKeys.key(repo, pack.name(), part);
              for (long from = 0; from < size; from += RANGE) {
                ObjectStore.Read range = ObjectStore.Read.range(from, Math.min(RANGE, size - from));
                calls.submit(() -> copy(store, key, range, file));
              }
            });
      }
      calls.results();
      for (int i = 0; i < packs.size(); i++) {
        StoredPack pack = packs.get(i);
        Path file = files.get(i).getOrDefault(Part.PACK, Path.of(""));
        calls.submit(() -> requireNamed(pack, repo, file));
      }
      calls.results();
    }
  }

  private static boolean copy(ObjectStore store, String key, ObjectStore.Read range, Path file)
      throws IOException {
    try (ObjectStore.Download download =
            store
                .get(key, range)
                .orElseThrow(() ->
                    corrupt(
                        key + " is listed among its repository's packs, but not in the bucket"));
        FileChannel target = FileChannel.open(file, StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(download.body().readAllBytes());
      if (bytes.remaining() != range.length()) {
        throw corrupt("%s is shorter than its repository has listed it".formatted(key));
      }
      for (long at = range.offset(); bytes.hasRemaining(); ) {
        at += target.write(bytes, at);
      }
    }
    return true;
  }

  private static boolean requireNamed(StoredPack pack, RepoPath repo, Path file)
      throws IOException {
    try (InputStream in = Files.newInputStream(file);
        DigestOutputStream out =
            new DigestOutputStream(java.io.OutputStream.nullOutputStream(), PackNames.sha256())) {
      in.transferTo(out);
      ContentId found = ContentId.ofBytes(out.getMessageDigest().digest());
      if (!found.equals(pack.name())) {
        throw corrupt(
            "%s holds other bytes than its name says: their SHA-256 is %s"
                .formatted(GitKeys.key(repo, pack.name(), Part.PACK), found));
      }
    }
    return true;
  }

  private static SheafException corrupt(String what) {
    return new SheafException(ErrorKind.CORRUPT, what);
  }

  @Override
  public void close() {
    packs.forEach(SpooledPack::close);
  }
}
