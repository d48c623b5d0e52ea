package dev.sheaf.cli.receive;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.cli.process.Folders;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Where a clone is to stand: a folder that is empty, or that is made for it. The repository is
 * built in a folder inside, and its parts are moved up when it is complete and checked, {@code
 * .git} (or {@code HEAD}) last: whatever interrupts it, what is there is no repository. Nothing is
 * replaced, and nothing is deleted but what was made here.
 */
final class CloneTarget implements AutoCloseable {
  /** What makes a folder a repository. */
  private static final Set<String> LAST = Set.of(".git", "HEAD");

  private final Path place;
  private final BuildingFolder building;

  /** The folders that were made for it, outermost first. */
  private final List<Path> folders;

  private final List<Path> moved = new ArrayList<>();
  private boolean complete;
  private final Thread onExit = new Thread(this::deleteQuietly, "sheaf-clone-cleanup");

  private CloneTarget(Path place, BuildingFolder building, List<Path> folders) {
    this.place = place;
    this.building = building;
    this.folders = folders;
    Runtime.getRuntime().addShutdownHook(onExit);
  }

  /**
   * Prepares a place.
   *
   * @throws SheafException of kind CONFLICT when something is there already, INVALID when there can
   *     be no folder
   */
  static CloneTarget prepare(Path directory) throws IOException {
    Path place = directory.toAbsolutePath().normalize();
    List<Path> made = new ArrayList<>();
    try {
      makeFolders(place, made);
      requireEmpty(place, directory);
      BuildingFolder building =
          BuildingFolder.claim(place.toRealPath()).orElseThrow(() -> underWay(directory));
      return new CloneTarget(place.toRealPath(), building, made);
    } catch (IOException | SheafException e) {
      Folders.deleteEmpty(made);
      throw e;
    }
  }

  /** Makes a folder and those above it, as far as they are missing. */
  private static void makeFolders(Path folder, List<Path> made) throws IOException {
    if (Files.isDirectory(folder)) {
      return;
    }
    Path parent = folder.getParent();
    if (Files.exists(folder, LinkOption.NOFOLLOW_LINKS) || parent == null) {
      throw new SheafException(
          ErrorKind.CONFLICT, folder + " exists and is not a folder; name another one");
    }
    makeFolders(parent, made);
    try {
      Files.createDirectory(folder);
      made.add(folder);
    } catch (FileAlreadyExistsException e) {
      makeFolders(folder, made); // Somebody else was quicker; a folder will do.
    }
  }

  private static void requireEmpty(Path place, Path directory) throws IOException {
    try (Stream<Path> files = Files.list(place)) {
      List<String> names = files.limit(2).map(file -> file.getFileName().toString()).toList();
      if (names.size() > 1 && names.contains(BuildingFolder.NAME)) {
        throw underWay(directory);
      }
      if (!names.isEmpty() && !names.contains(BuildingFolder.NAME)) {
        throw new SheafException(
            ErrorKind.CONFLICT,
            directory + " exists and is not an empty folder; name another one, or remove it");
      }
    }
  }

  private static SheafException underWay(Path directory) {
    return new SheafException(
        ErrorKind.CONFLICT,
        "another clone into "
            + directory
            + " is under way, or was broken off; in that case remove "
            + directory.resolve(BuildingFolder.NAME));
  }

  /** Where it is to stand in the end. */
  Path place() {
    return place;
  }

  /** Where to build the repository. */
  Path repository() throws IOException {
    return Files.createDirectories(building.path().resolve("repository"));
  }

  /**
   * Moves the repository to its place.
   *
   * @throws SheafException of kind CONFLICT when somebody put something there meanwhile
   */
  synchronized void complete() throws IOException {
    for (Path part : parts()) {
      Path to = place.resolve(part.getFileName());
      try {
        Files.move(part, to);
      } catch (FileAlreadyExistsException e) {
        throw new SheafException(
            ErrorKind.CONFLICT,
            to + " came there while the repository was being cloned; clone into another folder",
            e);
      }
      moved.add(to);
    }
    complete = true;
    building.delete();
  }

  private List<Path> parts() throws IOException {
    try (Stream<Path> parts = Files.list(repository())) {
      return parts
          .sorted(Comparator.comparing(part -> LAST.contains(part.getFileName().toString())))
          .toList();
    }
  }

  @Override
  public void close() throws IOException {
    try {
      Runtime.getRuntime().removeShutdownHook(onExit);
    } catch (IllegalStateException e) {
      return; // The process ends: the hook deletes, or has done so.
    }
    try (building) {
      deleteUnlessComplete();
    }
  }

  private synchronized void deleteUnlessComplete() throws IOException {
    if (complete) {
      return;
    }
    building.delete();
    for (Path part : moved) {
      Folders.delete(part);
    }
    Folders.deleteEmpty(folders);
  }

  private void deleteQuietly() {
    try {
      deleteUnlessComplete();
    } catch (IOException e) {
      // Nobody is left to be told; the folder's name says what it is.
    }
  }
}
