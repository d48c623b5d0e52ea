package dev.sheaf.cli.receive;

import dev.sheaf.cli.process.Folders;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The folder in which a clone builds, inside the one where it is to stand. It is held by a lock on
 * a file in it, which goes with the process: what a killed clone left is found unlocked, and the
 * next one starts over in its place.
 */
final class BuildingFolder implements AutoCloseable {
  /** One name for all clones, so that two cannot build in one folder. */
  static final String NAME = ".sheaf-clone";

  private static final String LOCK = "lock";

  private final Path path;
  private final FileChannel lock;

  private BuildingFolder(Path path, FileChannel lock) {
    this.path = path;
    this.lock = lock;
  }

  /** Takes the folder in a place; empty when somebody has it, or it is none that a clone made. */
  static Optional<BuildingFolder> claim(Path place) throws IOException {
    Path path = place.resolve(NAME);
    boolean isNew = make(path);
    Path file = path.resolve(LOCK);
    boolean isOurs =
        Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)
            && (isNew || Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS));
    if (!isOurs) {
      return Optional.empty();
    }
    FileChannel channel =
        FileChannel.open(
            file,
            isNew ? StandardOpenOption.CREATE : StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            LinkOption.NOFOLLOW_LINKS);
    if (!locks(channel, isNew) || !Files.exists(file)) {
      channel.close();
      return Optional.empty();
    }
    BuildingFolder folder = new BuildingFolder(path, channel);
    folder.clear();
    return Optional.of(folder);
  }

  private static boolean make(Path path) throws IOException {
    try {
      Files.createDirectory(path);
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    }
  }

  /** Where files cannot be locked, whoever made the folder has it. */
  private static boolean locks(FileChannel channel, boolean isNew) {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      return false;
    } catch (IOException e) {
      return isNew;
    }
  }

  private void clear() throws IOException {
    try (Stream<Path> files = Files.list(path)) {
      List<Path> left = files.filter(file -> !file.endsWith(LOCK)).toList();
      for (Path file : left) {
        Folders.delete(file);
      }
    }
  }

  Path path() {
    return path;
  }

  /** Deletes it with what is in it. */
  void delete() throws IOException {
    Folders.delete(path);
  }

  @Override
  public void close() throws IOException {
    lock.close();
  }
}
