package dev.sheaf.cli.credential;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.cli.http.Origin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code ~/.config/sheaf/credentials}: one line for each origin, a space, and its token. Readable
 * by its owner alone; one that others may read is not used.
 */
public final class CredentialFile {
  private static final Set<PosixFilePermission> OWNER_ONLY =
      EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

  private final @Nullable Path file;

  private CredentialFile(@Nullable Path file) {
    this.file = file;
  }

  /** That of the user whose environment this is; without a home there is none. */
  public static CredentialFile of(Map<String, String> variables) {
    String config = variables.getOrDefault("XDG_CONFIG_HOME", "");
    String home = variables.getOrDefault("HOME", "");
    if (!config.isEmpty()) {
      return new CredentialFile(Path.of(config, "sheaf", "credentials"));
    }
    return new CredentialFile(
        home.isEmpty() ? null : Path.of(home, ".config", "sheaf", "credentials"));
  }

  /**
   * The token for an origin.
   *
   * @throws SheafException of kind FORBIDDEN when others may read the file
   */
  public Optional<String> token(Origin origin) throws IOException {
    return lines().stream()
        .filter(line -> line.startsWith(origin + " "))
        .map(line -> line.substring(origin.toString().length() + 1))
        .findFirst();
  }

  /** Keeps a token in place of the one before. */
  public Path put(Origin origin, String token) throws IOException {
    List<String> lines = new ArrayList<>(lines());
    lines.removeIf(line -> line.startsWith(origin + " "));
    lines.add(origin + " " + token);
    return write(lines);
  }

  /** Forgets a token; whether there was one. */
  public boolean remove(Origin origin) throws IOException {
    List<String> lines = new ArrayList<>(lines());
    boolean known = lines.removeIf(line -> line.startsWith(origin + " "));
    if (known) {
      write(lines);
    }
    return known;
  }

  private List<String> lines() throws IOException {
    if (file == null || !Files.exists(file)) {
      return List.of();
    }
    if (isPosix(file) && !OWNER_ONLY.containsAll(Files.getPosixFilePermissions(file))) {
      throw new SheafException(
          ErrorKind.FORBIDDEN,
          "others may read " + file + ", so its tokens are not used; 'chmod 600' it");
    }
    return Files.readAllLines(file);
  }

  private Path write(List<String> lines) throws IOException {
    if (file == null) {
      throw new SheafException(
          ErrorKind.INVALID, "there is no home to keep a token in: set HOME, or SHEAF_TOKEN");
    }
    Path folder = Files.createDirectories(file.getParent());
    Path next =
        isPosix(folder)
            ? Files.createTempFile(
                folder, "credentials", "", PosixFilePermissions.asFileAttribute(OWNER_ONLY))
            : Files.createTempFile(folder, "credentials", "");
    Files.write(next, lines);
    return Files.move(next, file, StandardCopyOption.REPLACE_EXISTING);
  }

  private static boolean isPosix(Path path) {
    return path.getFileSystem().supportedFileAttributeViews().contains("posix");
  }
}
