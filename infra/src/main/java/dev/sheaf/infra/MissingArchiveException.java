package dev.sheaf.infra;

import java.nio.file.Path;

/** A function was not built. */
final class MissingArchiveException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  MissingArchiveException(Path archive) {
    super("There is no " + archive + ": run `mvn -B -DskipTests package` first.");
  }
}
