package dev.sheaf.localstack.servers.postgres;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;

/** Whole folders: copied, deleted, and one that may hold programs. */
final class Folders {
  private Folders() {}

  /** Copies a folder with the permissions in it. */
  static void copy(Path from, Path to) throws IOException {
    Files.walkFileTree(
        from,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes)
              throws IOException {
            Path target = to.resolve(from.relativize(folder).toString());
            Files.createDirectories(target);
            Files.setPosixFilePermissions(target, Files.getPosixFilePermissions(folder));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Path target = to.resolve(from.relativize(file).toString());
            Files.copy(file, target, StandardCopyOption.COPY_ATTRIBUTES);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /** Deletes a folder with all in it; one that does not exist is no error. */
  static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure)
              throws IOException {
            if (failure != null) {
              throw failure;
            }
            Files.delete(visited);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /**
   * A folder that survives this process and that nobody else can write to, for programs are run
   * from it: the user's cache folder, or one under the temporary folder when there is no home or
   * when another user has to read it too.
   */
  static Path programCache(boolean forOthersToo) throws IOException {
    String xdg = System.getenv("XDG_CACHE_HOME");
    Path base = xdg != null && !xdg.isBlank() ? Path.of(xdg) : home().resolve(".cache");
    try {
      return forOthersToo ? ownTemporary() : Files.createDirectories(base.resolve("sheaf"));
    } catch (IOException noHome) {
      return ownTemporary();
    }
  }

  private static Path ownTemporary() throws IOException {
    String user = System.getProperty("user.name");
    Path own = temporary().resolve("sheaf-" + user);
    if (!Files.isDirectory(own)) {
      Files.createDirectory(
          own, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
    }
    String owner = Files.getOwner(own).getName();
    if (!owner.equals(user)) {
      throw new IOException(own + " belongs to " + owner + ": delete it or set XDG_CACHE_HOME");
    }
    return own;
  }

  static Path temporary() {
    return Path.of(System.getProperty("java.io.tmpdir"));
  }

  private static Path home() {
    return Path.of(System.getProperty("user.home"));
  }
}
