package dev.sheaf.git;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.git.GitKeys.Part;
import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.eclipse.jgit.errors.MissingObjectException;
import org.eclipse.jgit.errors.PackInvalidException;
import org.eclipse.jgit.errors.TooLargeObjectInPackException;
import org.eclipse.jgit.internal.storage.dfs.DfsRepository;
import org.eclipse.jgit.internal.storage.file.BasePackIndexWriter;
import org.eclipse.jgit.internal.storage.pack.PackWriter;
import org.eclipse.jgit.lib.NullProgressMonitor;
import org.eclipse.jgit.revwalk.RevWalk;
import org.eclipse.jgit.storage.pack.PackConfig;
import org.eclipse.jgit.transport.PackedObjectInfo;
import org.jspecify.annotations.Nullable;

/**
 * Takes packs in: from a stream, which may be thin (deltas against objects that are not in it), to
 * a pack that stands alone and its index, in temp files that {@code git index-pack --strict}
 * accepts.
 *
 * <p>Every id is computed from the object's bytes: that is the proof. How odd an object is decides
 * nothing, for a history that a git holds must come through unchanged; only one that cannot be read
 * (so that what it names stays unknown) is refused.
 */
public final class PackIntake {
  private static final int INDEX_VERSION = 2;

  private final Path temp;
  private final PackLimits limits;

  /**
   * @param temp the folder for temp files
   */
  public PackIntake(Path temp, PackLimits limits) {
    this.temp = temp;
    this.limits = limits;
  }

  /**
   * Parses a pack to its last byte; nothing may follow it.
   *
   * @param pack the bytes from {@code PACK} on; not closed
   * @param base where the bases of thin deltas are read
   * @return the caller closes it, which deletes the files
   * @throws MissingObjectsException for deltas whose base is nowhere
   * @throws SheafException INVALID for what is no sound pack, TOO_LARGE with the limit's name,
   *     UNAVAILABLE when a stream, the store or temp space failed; no file is left
   */
  public ReceivedPack receive(InputStream pack, DfsRepository base) {
    Map<Part, Path> files = new EnumMap<>(Part.class);
    try {
      files.put(Part.PACK, inTemp(() -> Files.createTempFile(temp, "sheaf-", ".pack")));
      files.put(Part.INDEX, inTemp(() -> Files.createTempFile(temp, "sheaf-", ".idx")));
      return spool(pack, base, files);
    } catch (Throwable e) {
      files.values().forEach(SpooledPack::delete);
      throw failure(e);
    }
  }

  private ReceivedPack spool(InputStream pack, DfsRepository base, Map<Part, Path> files)
      throws IOException {
    try (PackSpool spool =
        inTemp(() ->
            new PackSpool(
                base.getObjectDatabase(), new Source(pack), file(files, Part.PACK), limits))) {
      spool.parse(NullProgressMonitor.INSTANCE);
      List<PackedObjectInfo> objects = spool.getSortedObjectList(null);
      if (objects.isEmpty()) {
        files.values().forEach(SpooledPack::delete);
        return new ReceivedPack(Optional.empty(), objects, spool.references(), spool.odd());
      }
      List<PackedObjectInfo> once = once(objects);
      if (once.size() < objects.size() && !spool.isCompleted()) {
        throw invalid("it holds an object twice", null);
      }
      SpooledPack sound = inTemp(() -> finished(spool, objects, once, files));
      return new ReceivedPack(Optional.of(sound), once, spool.references(), spool.odd());
    }
  }

  /** The bytes are proven: what goes wrong from here on is no fault of theirs. */
  private SpooledPack finished(
      PackSpool spool,
      List<PackedObjectInfo> objects,
      List<PackedObjectInfo> once,
      Map<Part, Path> files)
      throws IOException {
    PackNames names = PackNames.finish(spool.file(), spool.end(), objects.size());
    try (OutputStream out = Files.newOutputStream(file(files, Part.INDEX))) {
      BasePackIndexWriter.createVersion(out, INDEX_VERSION).write(objects, names.trailer().bytes());
    }
    SpooledPack spooled = new SpooledPack(names.name(), objects.size(), files);
    return once.size() < objects.size() ? rewritten(spooled, once) : spooled;
  }

  @FunctionalInterface
  private interface TempWork<T> {
    T run() throws IOException;
  }

  private static <T> T inTemp(TempWork<T> work) {
    try {
      return work.run();
    } catch (IOException e) {
      throw PackSpool.temp(e);
    }
  }

  private static List<PackedObjectInfo> once(List<PackedObjectInfo> sorted) {
    List<PackedObjectInfo> once = new ArrayList<>(sorted.size());
    for (PackedObjectInfo object : sorted) {
      if (once.isEmpty() || !once.getLast().equals(object)) {
        once.add(object);
      }
    }
    return once;
  }

  /**
   * Git takes a pack that holds an object twice for damaged. JGit makes such a one where a delta's
   * base is in the repository and, further on, in the thin pack itself.
   */
  private SpooledPack rewritten(SpooledPack twice, List<PackedObjectInfo> once) throws IOException {
    try (twice) {
      DfsRepository alone = GitStorage.of(List.of(twice));
      PackConfig config = new PackConfig();
      config.setDeltaCompress(false);
      try (WalkReader reader = new WalkReader(alone);
          PackWriter packer = new PackWriter(config, reader);
          RevWalk walk = new RevWalk(reader)) {
        packer.setDeltaBaseAsOffset(true);
        for (PackedObjectInfo object : once) {
          packer.addObject(walk.lookupAny(object, object.getType()));
        }
        return SpooledPack.write(packer, reader, temp, false, new DeadlineProgress());
      }
    }
  }

  private static Path file(Map<Part, Path> files, Part part) {
    return Objects.requireNonNull(files.get(part));
  }

  private static RuntimeException failure(Throwable e) {
    return switch (e) {
      case SheafException known -> known;
      case MissingObjectException missing ->
          new MissingObjectsException(
              List.of("a delta's base %s is not here".formatted(missing.getObjectId().name())));
      case TooLargeObjectInPackException large ->
          new SheafException(
              ErrorKind.TOO_LARGE,
              "an object in the pack is too large for this function's memory: "
                  + large.getMessage()
                  + "; files have more room where no delta is made of them ('git -c"
                  + " core.bigFileThreshold=50m repack -adF', then push again)",
              large);
      case PackInvalidException stored ->
          new SheafException(
              ErrorKind.CORRUPT,
              "a stored pack of the repository cannot be read: " + stored.getMessage(),
              stored);
      case OutOfMemoryError full ->
          new SheafException(
              ErrorKind.TOO_LARGE,
              "the pack's deltas take more memory than this function has",
              full);
      case UncheckedIOException file -> PackSpool.temp(Objects.requireNonNull(file.getCause()));
      case Error error -> throw error;
      default -> invalid(Objects.requireNonNullElse(e.getMessage(), e.toString()), e);
    };
  }

  private static SheafException invalid(String why, @Nullable Throwable e) {
    return new SheafException(ErrorKind.INVALID, "not a sound git pack: " + why, e);
  }

  /** The stream's own failures, told apart from what is wrong with its bytes. */
  private static final class Source extends FilterInputStream {
    Source(InputStream in) {
      super(new BufferedInputStream(in, 1 << 16));
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int from, int length) {
      try {
        return super.read(target, from, length);
      } catch (IOException e) {
        throw new SheafException(ErrorKind.UNAVAILABLE, "reading a pack broke off; try again", e);
      }
    }
  }
}
