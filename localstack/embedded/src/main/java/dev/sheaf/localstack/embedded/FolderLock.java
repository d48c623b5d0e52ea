package dev.sheaf.localstack.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sheaf.localstack.servers.access.PrivateFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.Stream;

/** Keeps two stacks off one folder. The system gives the lock up when the process ends. */
final class FolderLock implements AutoCloseable {
  private final FileChannel file;

  private FolderLock(FileChannel file) {
    this.file = file;
  }

  /**
   * Takes the folder, creating it; nobody but its owner may look into it from then on.
   *
   * @throws IOException naming the process that has it, or what else is wrong with it
   */
  static FolderLock take(Path folder) throws IOException {
    Path path = folder.resolve("lock");
    FileChannel file = open(folder, path);
    if (!lock(file)) {
      String owner = Files.readString(path).strip();
      file.close();
      throw new IOException(
          "the folder %s is in use by a stack that still runs (process %s): stop that one, or choose"
                  .formatted(folder, owner)
              + " another folder");
    }
    file.truncate(0);
    file.write(ByteBuffer.wrap((ProcessHandle.current().pid() + "\n").getBytes(UTF_8)));
    return new FolderLock(file);
  }

  private static FileChannel open(Path folder, Path path) throws IOException {
    refuseForeign(folder, path);
    try {
      PrivateFiles.folder(folder);
      return FileChannel.open(
          path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    } catch (FileSystemException e) {
      throw new IOException(
          "cannot write to the folder %s (%s): make it writable, or choose another one"
              .formatted(folder, reason(e)),
          e);
    }
  }

  /** A stack closes its folder to others, which is nothing to do to a folder of somebody else. */
  private static void refuseForeign(Path folder, Path path) throws IOException {
    if (Files.exists(folder) && !Files.isDirectory(folder)) {
      throw new IOException(folder + " is a file: a stack needs a folder of its own");
    }
    if (Files.isDirectory(folder) && !Files.exists(path)) {
      try (Stream<Path> content = Files.list(folder)) {
        if (content.findAny().isPresent()) {
          throw new IOException(
              "the folder "
                  + folder
                  + " holds other files: choose an empty one, or one that does not exist yet");
        }
      }
    }
  }

  private static String reason(FileSystemException e) {
    String reason = e.getReason();
    return reason == null ? e.getClass().getSimpleName().replace("Exception", "") : reason;
  }

  private static boolean lock(FileChannel file) throws IOException {
    try {
      FileLock lock = file.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false; // by this very process
    }
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
