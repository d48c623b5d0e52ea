package dev.sheaf.bundle;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;

/** Bundles of real clients. */
public final class Vectors {
  public static final List<String> NAMES =
      List.of("v1-tiny", "v1-tiny-mwp", "v2-small", "v2-small-mwp");

  private Vectors() {}

  public static List<String> names() {
    return NAMES;
  }

  public static byte[] bundle(String name) {
    return resource(name + ".bundle");
  }

  public static byte[] resource(String name) {
    try (InputStream in = Vectors.class.getResourceAsStream("/vectors/" + name)) {
      if (in == null) {
        throw new IllegalArgumentException("no vector " + name);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
