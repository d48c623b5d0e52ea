package dev.sheaf.git;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.FileContent;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.git.GitKeys.Part;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.ObjectStore.Condition;
import dev.sheaf.storage.ObjectStore.PutResult;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import org.eclipse.jgit.internal.storage.file.PackBitmapIndexWriterV1;
import org.eclipse.jgit.internal.storage.pack.PackWriter;
import org.eclipse.jgit.lib.ProgressMonitor;

/** A pack with its index, perhaps its bitmap, in temp files that are deleted by {@link #close}. */
public final class SpooledPack implements AutoCloseable {
  private static final Map<Part, String> TYPES =
      Map.of(
          Part.PACK, "application/x-git-packed-objects",
          Part.INDEX, "application/x-git-packed-objects-toc",
          Part.BITMAP, "application/octet-stream");

  private final StoredPack stored;
  private final Map<Part, Path> files;

  /**
   * @param name SHA-256 of the pack's bytes
   * @param objects number of objects, at least 1
   * @param files the pack, its index, and its bitmap where there is one
   */
  SpooledPack(ContentId name, long objects, Map<Part, Path> files) {
    this.files = new EnumMap<>(files);
    this.stored =
        new StoredPack(name, size(Part.PACK), size(Part.INDEX), objects, size(Part.BITMAP));
  }

  /**
   * Writes what a packer has prepared to temp files.
   *
   * @param reader the packer's
   * @param temp the folder for them
   * @param bitmap whether to say what its commits reach; only for a pack of all that some tips
   *     reach
   * @param progress stops it when cancelled
   */
  public static SpooledPack write(
      PackWriter packer, WalkReader reader, Path temp, boolean bitmap, ProgressMonitor progress)
      throws IOException {
    Map<Part, Path> files = new EnumMap<>(Part.class);
    try {
      files.put(Part.PACK, Files.createTempFile(temp, "sheaf-", ".pack"));
      files.put(Part.INDEX, Files.createTempFile(temp, "sheaf-", ".idx"));
      MessageDigest sha256 = PackNames.sha256();
      try (OutputStream out = new DigestOutputStream(open(files, Part.PACK), sha256)) {
        reader.setWalking(false);
        packer.writePack(progress, progress, out);
      } finally {
        reader.setWalking(true);
      }
      try (OutputStream out = open(files, Part.INDEX)) {
        packer.writeIndex(out);
      }
      long objects = packer.getObjectCount();
      if (bitmap && packer.prepareBitmapIndex(progress)) {
        files.put(Part.BITMAP, Files.createTempFile(temp, "sheaf-", ".bitmap"));
        try (OutputStream out = open(files, Part.BITMAP)) {
          packer.writeBitmapIndex(new PackBitmapIndexWriterV1(out));
        }
      }
      return new SpooledPack(ContentId.ofBytes(sha256.digest()), objects, files);
    } catch (Throwable e) {
      files.values().forEach(SpooledPack::delete);
      throw e;
    }
  }

  private static OutputStream open(Map<Part, Path> files, Part part) throws IOException {
    return new BufferedOutputStream(
        Files.newOutputStream(Objects.requireNonNull(files.get(part))), 1 << 16);
  }

  private long size(Part part) {
    try {
      Path file = files.get(part);
      return file == null ? 0 : Files.size(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What its row and {@link GitStorage#open} need, once it is stored. */
  public StoredPack stored() {
    return stored;
  }

  /** The pack, complete: what {@code git index-pack --strict} accepts. */
  public Path packFile() {
    return file(Part.PACK);
  }

  Path file(Part part) {
    Path file = files.get(part);
    if (file == null) {
      throw new IllegalArgumentException("pack " + stored.name() + " has no " + part);
    }
    return file;
  }

  PackFiles toRead() {
    return new PackFiles(stored, part -> TempChannel.open(file(part)));
  }

  /**
   * Stores what is derived, then the pack: a PUT for each, with its checksum. Makes nothing
   * visible.
   *
   * @param overwrite writes what is there already once more, instead of leaving it (412): for
   *     whoever must be sure that nobody is about to delete it
   * @return whether this call wrote the pack and all that is derived from it
   */
  public boolean store(ObjectStore store, RepoPath repo, boolean overwrite) {
    Condition condition = overwrite ? Condition.ALWAYS : Condition.IF_ABSENT;
    boolean wroteAll = true;
    for (Part derived : files.keySet()) {
      if (derived != Part.PACK) {
        // A pack has one index of version 2, and any bitmap of it will do: what is there stays.
        wroteAll &= put(store, repo, derived, sha256(file(derived)), condition);
      }
    }
    return put(store, repo, Part.PACK, stored.name(), condition) && wroteAll;
  }

  /** Stores the index alone, whatever lies under its key. */
  void storeIndex(ObjectStore store, RepoPath repo) {
    put(store, repo, Part.INDEX, sha256(file(Part.INDEX)), Condition.ALWAYS);
  }

  /** Whether it was written, and not there before. */
  private boolean put(
      ObjectStore store, RepoPath repo, Part part, ContentId sha256, Condition condition) {
    FileContent content = new FileContent(file(part), size(part));
    String key = GitKeys.key(repo, stored.name(), part);
    return store.put(key, content, sha256, condition, TYPES.getOrDefault(part, ""))
        instanceof PutResult.Written;
  }

  private static ContentId sha256(Path file) {
    try (InputStream in = Files.newInputStream(file);
        DigestOutputStream out =
            new DigestOutputStream(OutputStream.nullOutputStream(), PackNames.sha256())) {
      in.transferTo(out);
      return ContentId.ofBytes(out.getMessageDigest().digest());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    files.values().forEach(SpooledPack::delete);
  }

  static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new SheafException(ErrorKind.SITE, "temp file %s cannot be deleted".formatted(file), e);
    }
  }
}
