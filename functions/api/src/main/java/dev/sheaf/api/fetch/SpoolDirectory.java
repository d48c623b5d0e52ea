package dev.sheaf.api.fetch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The temporary files of one request; all are gone when it is closed. */
public final class SpoolDirectory implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SpoolDirectory.class);

  private final Path directory;

  private SpoolDirectory(Path directory) {
    this.directory = directory;
  }

  /** A new directory below another. */
  public static SpoolDirectory below(Path parent) throws IOException {
    return new SpoolDirectory(Files.createTempDirectory(parent, "sheaf-pack"));
  }

  /** The directory itself. */
  public Path path() {
    return directory;
  }

  /** A new, empty file. */
  public Path newFile() throws IOException {
    return Files.createTempFile(directory, "spool", null);
  }

  /** Deletes what is left. A file that stays behind is worth a word, but not the request. */
  @Override
  public void close() {
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.deleteIfExists(file);
      }
      Files.deleteIfExists(directory);
    } catch (IOException e) {
      LOG.warn("[api] temporary files stay behind in {}", directory, e);
    }
  }
}
