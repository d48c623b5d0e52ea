package dev.sheaf.cli.receive;

import dev.sheaf.bundle.ContentId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Which of the server's packs were received: a further fetch leaves them out. Only a hint: git may
 * have repacked since, and dropped what nothing reached.
 */
final class KnownPacks {
  private final Path file;

  KnownPacks(Path gitFolder) {
    this.file = gitFolder.resolve("sheaf").resolve("packs");
  }

  Set<ContentId> read() throws IOException {
    if (!Files.isRegularFile(file)) {
      return Set.of();
    }
    return Files.readAllLines(file).stream()
        .filter(line -> line.matches("[0-9a-f]{64}"))
        .map(ContentId::parse)
        .collect(Collectors.toSet());
  }

  /** Replaces the list: what the server no longer names is of no use. */
  void write(Collection<ContentId> packs) throws IOException {
    Files.createDirectories(file.getParent());
    Set<String> lines = new TreeSet<>();
    packs.forEach(pack -> lines.add(pack.hex()));
    Path next = Files.createTempFile(file.getParent(), "packs", "");
    Files.write(next, lines);
    Files.move(next, file, StandardCopyOption.REPLACE_EXISTING);
  }
}
