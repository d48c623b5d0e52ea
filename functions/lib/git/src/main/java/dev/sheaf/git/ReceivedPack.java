package dev.sheaf.git;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.FileContent;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.git.GitKeys.Part;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.ObjectStore.Condition;
import dev.sheaf.storage.ObjectStore.PutResult;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.eclipse.jgit.internal.storage.dfs.DfsReader;
import org.eclipse.jgit.internal.storage.dfs.DfsRepository;
import org.eclipse.jgit.lib.AnyObjectId;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.transport.PackedObjectInfo;

/** A pack that was taken in and is not stored yet: two temp files, deleted by {@link #close}. */
public final class ReceivedPack implements AutoCloseable {
  private static final String PACK_TYPE = "application/x-git-packed-objects";
  private static final String INDEX_TYPE = "application/x-git-packed-objects-toc";

  /** As many missing objects are named in a reason. */
  private static final int NAMED = 5;

  private final ContentId name;
  private final Path packFile;
  private final Path indexFile;
  private final List<PackedObjectInfo> sorted;
  private final References references;
  private final long packBytes;
  private final long indexBytes;

  ReceivedPack(
      ContentId name,
      Path packFile,
      Path indexFile,
      List<PackedObjectInfo> sorted,
      References references)
      throws IOException {
    this.name = name;
    this.packFile = packFile;
    this.indexFile = indexFile;
    this.sorted = sorted;
    this.references = references;
    this.packBytes = Files.size(packFile);
    this.indexBytes = Files.size(indexFile);
  }

  /** SHA-256 of the pack's bytes. */
  public ContentId name() {
    return name;
  }

  /** Number of objects in it, the appended bases of its deltas included; none is worth no PUT. */
  public int objects() {
    return sorted.size();
  }

  /** What its row and {@link GitStorage#open} need, once it is stored. */
  public StoredPack stored() {
    return new StoredPack(name, packBytes, indexBytes, sorted.size(), 0);
  }

  /** The pack, complete: what {@code git index-pack --strict} accepts. */
  public Path packFile() {
    return packFile;
  }

  /** Its index, version 2. */
  public Path indexFile() {
    return indexFile;
  }

  Optional<PackFiles> files() {
    return sorted.isEmpty()
        ? Optional.empty()
        : Optional.of(PackFiles.local(stored(), packFile, indexFile));
  }

  /** The objects in it, by id. */
  public List<ObjectId> ids() {
    return Collections.unmodifiableList(sorted);
  }

  /** Whether an object is in it. */
  public boolean contains(AnyObjectId id) {
    return find(id) != null;
  }

  /** The type of an object in it, as {@code Constants.OBJ_*}; OBJ_BAD for one that is not. */
  public int typeOf(AnyObjectId id) {
    PackedObjectInfo found = find(id);
    return found == null ? Constants.OBJ_BAD : found.getType();
  }

  private @org.jspecify.annotations.Nullable PackedObjectInfo find(AnyObjectId id) {
    int at = Collections.binarySearch(sorted, new PackedObjectInfo(id));
    return at < 0 ? null : sorted.get(at);
  }

  /**
   * What keeps the pack from being taken in: the first few objects that it or a ref names and that
   * are neither in it nor in its repository. Empty means that the repository will be whole: what
   * its earlier packs name is there, as they were asked the same.
   *
   * @param base the repository's stored packs
   * @param tips the objects that refs are to point to
   * @throws SheafException INVALID where an object is named as what it is not
   */
  public List<String> missing(DfsRepository base, Collection<ObjectId> tips) {
    List<String> missing = new ArrayList<>();
    try (DfsReader reader = base.getObjectDatabase().newReader()) {
      for (ObjectId tip : tips) {
        if (!contains(tip) && !reader.has(tip)) {
          missing.add("a ref is to point to %s, which is not here".formatted(tip.name()));
        }
      }
      for (References.Named named : references) {
        if (missing.size() >= NAMED) {
          break;
        }
        if (!isHere(named, reader)) {
          missing.add(described(named) + ", which is not here");
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return missing;
  }

  private boolean isHere(References.Named named, DfsReader reader) throws IOException {
    PackedObjectInfo own = find(named);
    if (own == null) {
      return reader.has(named);
    }
    if (own.getType() != named.type()) {
      throw new SheafException(
          ErrorKind.INVALID,
          described(named) + ", which is a " + Constants.typeString(own.getType()));
    }
    return true;
  }

  private static String described(References.Named named) {
    return "%s names the %s %s"
        .formatted(named.by().name(), Constants.typeString(named.type()), named.name());
  }

  /**
   * Stores the index, then the pack: two PUTs, each with its checksum. Makes nothing visible. A
   * pack of no objects is not stored.
   *
   * @param overwrite writes what is there already once more, instead of leaving it (412): for
   *     whoever must be sure that nobody is about to delete it
   * @return whether this call wrote the pack
   */
  public boolean store(ObjectStore store, RepoPath repo, boolean overwrite) {
    if (sorted.isEmpty()) {
      return false;
    }
    Condition condition = overwrite ? Condition.ALWAYS : Condition.IF_ABSENT;
    // A pack has one index of version 2: what is there already is this.
    FileContent index = new FileContent(indexFile, indexBytes);
    store.put(GitKeys.key(repo, name, Part.INDEX), index, sha256(indexFile), condition, INDEX_TYPE);
    FileContent pack = new FileContent(packFile, packBytes);
    return store.put(GitKeys.key(repo, name, Part.PACK), pack, name, condition, PACK_TYPE)
        instanceof PutResult.Written;
  }

  private static ContentId sha256(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      in.transferTo(
          new java.security.DigestOutputStream(java.io.OutputStream.nullOutputStream(), digest));
      return ContentId.ofBytes(digest.digest());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java has SHA-256", e);
    }
  }

  /** Deletes the files. */
  @Override
  public void close() {
    PackIntake.delete(packFile);
    PackIntake.delete(indexFile);
  }
}
