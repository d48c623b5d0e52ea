package dev.sheaf.repair;

import dev.sheaf.git.PackLimits;
import java.nio.file.Path;

/**
 * Where the packs of git repositories lie while they are brought back.
 *
 * @param temp the folder for them
 * @param limits what a pack may be
 */
public record PackSpace(Path temp, PackLimits limits) {
  /** What this process has left; half of it, for a pack that comes from a peer lies there twice. */
  public static PackSpace of(Path temp) {
    return new PackSpace(
        temp, PackLimits.of(Runtime.getRuntime().maxMemory(), temp.toFile().getUsableSpace() / 2));
  }
}
