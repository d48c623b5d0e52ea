package dev.sheaf.bundle;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Content spooled to a file, for what is too large for memory. Whoever made the file deletes it.
 *
 * @param path the file
 * @param size its length in bytes
 */
public record FileContent(Path path, long size) implements Content {
  @Override
  public InputStream open() throws IOException {
    return Files.newInputStream(path);
  }
}
