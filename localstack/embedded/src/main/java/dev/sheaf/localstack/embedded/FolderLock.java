package dev.sheaf.localstack.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Keeps two stacks off one folder. The system gives the lock up when the process ends. */
final class FolderLock implements AutoCloseable {
  private final FileChannel file;

  private FolderLock(FileChannel file) {
    this.file = file;
  }

  /**
   * Takes the folder, creating it.
   *
   * @throws IOException naming the process that has it
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
    try {
      Files.createDirectories(folder);
      return FileChannel.open(
          path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    } catch (FileSystemException e) {
      throw new IOException("cannot write to the folder " + folder + " (" + e + ")", e);
    }
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
