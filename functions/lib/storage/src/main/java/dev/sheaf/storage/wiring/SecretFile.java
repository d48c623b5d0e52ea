package dev.sheaf.storage.wiring;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.function.UnaryOperator;

/** A secret in a file, whose readers see one whole text or the next. */
final class SecretFile {
  /** The kernel's lock is the process's: threads take turns here. */
  private static final Object TURN = new Object();

  private SecretFile() {}

  /**
   * Changes the text, while whoever else does so waits. The kernel lets go of the lock when a
   * process dies; the file beside it that holds the lock stays, and is empty.
   */
  static void change(Path path, UnaryOperator<String> change) {
    Path lock = path.resolveSibling(path.getFileName() + ".lock");
    synchronized (TURN) {
      try (FileChannel channel =
              FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          FileLock _ = channel.lock()) {
        String before = Files.readString(path);
        String after = change.apply(before);
        if (!after.equals(before)) {
          replace(path.toRealPath(), after);
        }
      } catch (IOException e) {
        throw new SheafException(
            ErrorKind.UNAVAILABLE, "cannot change the secret in " + path + ": " + e, e);
      }
    }
  }

  private static void replace(Path path, String text) throws IOException {
    Path next = path.resolveSibling(path.getFileName() + ".next");
    Files.deleteIfExists(next);
    Files.createFile(
        next,
        PosixFilePermissions.asFileAttribute(
            Files.getPosixFilePermissions(path, LinkOption.NOFOLLOW_LINKS)));
    try (FileChannel channel = FileChannel.open(next, StandardOpenOption.WRITE)) {
      Files.writeString(next, text);
      channel.force(true);
    }
    Files.move(next, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
