package dev.sheaf.cli.git;

import dev.sheaf.bundle.RefName;
import java.nio.charset.StandardCharsets;
import java.util.Collection;

/** Names of refs as git's programs write and read them: one character stands for one byte. */
public final class RefBytes {
  private RefBytes() {}

  /** The name in what git wrote. */
  public static RefName parse(String line) {
    return RefName.ofBytes(line.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** The name as git reads it. */
  public static String of(RefName name) {
    return new String(name.toBytes(), StandardCharsets.ISO_8859_1);
  }

  /** Whether a name is one of these, or in one of them that is a folder; they are ASCII. */
  public static boolean isIn(RefName name, Collection<String> places) {
    return isIn(of(name), places);
  }

  static boolean isIn(String name, Collection<String> places) {
    return places.stream()
        .anyMatch(place -> place.endsWith("/") ? name.startsWith(place) : name.equals(place));
  }
}
