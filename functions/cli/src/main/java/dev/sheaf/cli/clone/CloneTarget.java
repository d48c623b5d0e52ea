package dev.sheaf.cli.clone;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.cli.process.Folders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.stream.Stream;

/**
 * Where a clone is to stand. It is built in a folder beside, and moved in one step when it is
 * complete: whatever interrupts it, the place is either empty or holds a whole repository.
 */
final class CloneTarget implements AutoCloseable {
  private final Path place;
  private final Path building;
  private final Thread onExit = new Thread(this::deleteQuietly, "sheaf-clone-cleanup");

  private CloneTarget(Path place, Path building) {
    this.place = place;
    this.building = building;
    Runtime.getRuntime().addShutdownHook(onExit);
  }

  /**
   * Prepares a place.
   *
   * @throws SheafException of kind CONFLICT when something is there already
   */
  static CloneTarget prepare(Path directory) throws IOException {
    Path place = directory.toAbsolutePath().normalize();
    if (Files.exists(place) && !isEmptyFolder(place)) {
      throw new SheafException(
          ErrorKind.CONFLICT,
          directory + " exists and is not an empty folder; name another one, or remove it");
    }
    Path parent = place.getParent();
    if (parent == null) {
      throw new SheafException(ErrorKind.INVALID, directory + " has no parent folder to work in");
    }
    Files.createDirectories(parent);
    return new CloneTarget(
        place, Files.createTempDirectory(parent, "." + place.getFileName() + ".sheaf-"));
  }

  private static boolean isEmptyFolder(Path place) throws IOException {
    if (!Files.isDirectory(place)) {
      return false;
    }
    try (Stream<Path> files = Files.list(place)) {
      return files.findAny().isEmpty();
    }
  }

  /** Where to build the repository. */
  Path repository() throws IOException {
    return Files.createDirectories(building.resolve("repository"));
  }

  /** Where to put working files; on the same file system as the repository. */
  Path scratch() throws IOException {
    return Files.createDirectories(building.resolve("scratch"));
  }

  /** Moves the repository to its place. */
  void complete() throws IOException {
    Files.deleteIfExists(place);
    Files.move(repository(), place, StandardCopyOption.ATOMIC_MOVE);
  }

  @Override
  public void close() throws IOException {
    try {
      Runtime.getRuntime().removeShutdownHook(onExit);
    } catch (IllegalStateException e) {
      return; // The process ends: the hook deletes, or has done so.
    }
    Folders.delete(building);
  }

  private void deleteQuietly() {
    try {
      Folders.delete(building);
    } catch (IOException e) {
      // Nobody is left to be told; the folder's name says what it is.
    }
  }
}
