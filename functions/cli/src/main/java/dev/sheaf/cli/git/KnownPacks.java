package dev.sheaf.cli.git;

import dev.sheaf.bundle.ContentId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which of the server's packs and bundles were received, and which bundles were sent that the
 * server was still to read: a fetch leaves them out. Only a hint: git may have repacked since, and
 * dropped what nothing reached.
 */
public final class KnownPacks {
  /** The server takes 20,000 in a request. */
  static final int MOST = 5_000;

  private final Path file;

  public KnownPacks(LocalRepository repository) {
    this.file = repository.gitFolder().resolve("sheaf").resolve("packs");
  }

  /** Their SHA-256, those that were added last at the end. */
  public Set<ContentId> read() throws IOException {
    if (!Files.isRegularFile(file)) {
      return Set.of();
    }
    return Files.readAllLines(file).stream()
        .filter(line -> line.matches("[0-9a-f]{64}"))
        .map(ContentId::parse)
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /** Adds some; the oldest are forgotten where that makes too many. */
  public void add(Collection<ContentId> packs) throws IOException {
    Set<ContentId> all = new LinkedHashSet<>(read());
    all.removeAll(packs);
    all.addAll(packs);
    write(all);
  }

  /** Forgets all but these. */
  public void write(Collection<ContentId> packs) throws IOException {
    Files.createDirectories(file.getParent());
    List<String> lines =
        packs.stream().skip(Math.max(0, packs.size() - MOST)).map(ContentId::hex).toList();
    Path next = Files.createTempFile(file.getParent(), "packs", "");
    Files.write(next, lines);
    Files.move(next, file, StandardCopyOption.REPLACE_EXISTING);
  }
}
