package dev.sheaf.infra;

import java.nio.file.Files;
import java.nio.file.Path;
import software.amazon.awscdk.services.lambda.Code;

/**
 * Where the build leaves the archive of each function: {@code
 * functions/<name>/target/function.zip}.
 */
record Archives(Path root) {
  static Archives under(Path root) {
    return new Archives(root);
  }

  /**
   * @throws MissingArchiveException if it was not built
   */
  Code of(String function) {
    Path archive = root.resolve("functions").resolve(function).resolve("target/function.zip");
    if (!Files.isRegularFile(archive)) {
      throw new MissingArchiveException(archive);
    }
    return Code.fromAsset(archive.toString());
  }
}
