package dev.sheaf.git;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.storage.ObjectStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
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
import org.jspecify.annotations.Nullable;

/** A pack that was taken in and is not stored yet; its temp files are deleted by {@link #close}. */
public final class ReceivedPack implements AutoCloseable {
  /** As many missing objects are named in a reason. */
  private static final int NAMED = 5;

  private final Optional<SpooledPack> files;
  private final List<PackedObjectInfo> sorted;
  private final References references;
  private final List<String> odd;

  /**
   * @param files empty for a pack of no objects
   */
  ReceivedPack(
      Optional<SpooledPack> files,
      List<PackedObjectInfo> sorted,
      References references,
      List<String> odd) {
    this.files = files;
    this.sorted = sorted;
    this.references = references;
    this.odd = odd;
  }

  /** Number of objects in it, the appended bases of its deltas included; it may be none. */
  public int objects() {
    return sorted.size();
  }

  /** What {@code git fsck} would say of its objects, 20 lines at most; none of it was refused. */
  public List<String> odd() {
    return odd;
  }

  /** The pack as a file; a pack of no objects is none. */
  public Optional<SpooledPack> spooled() {
    return files;
  }

  private SpooledPack some() {
    return files.orElseThrow(() -> new IllegalStateException("a pack of no objects is not stored"));
  }

  /** SHA-256 of the pack's bytes, where it has objects. */
  public ContentId name() {
    return some().stored().name();
  }

  /** What its row and {@link GitStorage#open} need, once it is stored; where it has objects. */
  public StoredPack stored() {
    return some().stored();
  }

  /** The pack, complete: what {@code git index-pack --strict} accepts; where it has objects. */
  public Path packFile() {
    return some().packFile();
  }

  /**
   * Stores a pack that has objects; nothing for another. See {@link SpooledPack#store}.
   *
   * @return whether this call wrote all of it
   */
  public boolean store(ObjectStore store, RepoPath repo, boolean overwrite) {
    return files.filter(pack -> pack.store(store, repo, overwrite)).isPresent();
  }

  /** Stores the index of a pack that has objects, whatever lies under its key. */
  public void storeIndex(ObjectStore store, RepoPath repo) {
    some().storeIndex(store, repo);
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

  private @Nullable PackedObjectInfo find(AnyObjectId id) {
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

  /** Deletes the files. */
  @Override
  public void close() {
    files.ifPresent(SpooledPack::close);
  }
}
