package dev.sheaf.bundle.codec;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.FileContent;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where large bodies go.
 *
 * @param directory holds the files
 * @param memoryBytes what is larger goes to a file
 */
record Spool(Path directory, int memoryBytes) {

  /** Deletes the file of spooled content; nothing happens to content in memory. */
  static void discard(Content content) throws IOException {
    if (content instanceof FileContent file) {
      Files.deleteIfExists(file.path());
    }
  }

  Path newFile() throws IOException {
    return Files.createTempFile(directory, "sheaf-", ".object");
  }

  /** A stream into memory that moves to a file when it grows too large. */
  Output newOutput() {
    return new Output();
  }

  /** Collects content of unknown length. Close it without {@link #content} to drop what came. */
  final class Output extends OutputStream {
    private ByteArrayOutputStream memory = new ByteArrayOutputStream();
    private @Nullable OutputStream file;
    private @Nullable Path path;
    private long size;

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      size += length;
      if (file == null && size > memoryBytes) {
        path = newFile();
        file = Files.newOutputStream(path);
        memory.writeTo(file);
        memory = new ByteArrayOutputStream(0);
      }
      (file == null ? memory : file).write(bytes, offset, length);
    }

    long size() {
      return size;
    }

    /** All that was written; a file is then the caller's to delete. */
    Content content() throws IOException {
      if (file == null || path == null) {
        return Content.of(memory.toByteArray());
      }
      file.close();
      Content content = new FileContent(path, size);
      path = null;
      return content;
    }

    @Override
    public void close() throws IOException {
      if (file != null) {
        file.close();
      }
      if (path != null) {
        Files.deleteIfExists(path);
      }
    }
  }
}
