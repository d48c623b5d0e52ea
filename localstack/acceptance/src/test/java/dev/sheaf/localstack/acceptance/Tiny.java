package dev.sheaf.localstack.acceptance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** A small bundle that other programs wrote: six commits, two branches, eleven objects. */
final class Tiny {
  /** Head of its branch main. */
  static final String MAIN =
      "sha256:8d5ab8392d8da40ff4088b81957db5226ffde8b86358cb7597823186347bf025";

  /** Head of its branch feature. */
  static final String FEATURE =
      "sha256:bf47cf873115a6b8ca22441c50cc4ccf1e46e603b8243a1794513c5dd77f1082";

  /** One of its objects. */
  static final String HELLO = "hello\n";

  private Tiny() {}

  static byte[] bundle() throws IOException {
    return Files.readAllBytes(
        Path.of("../../functions/lib/bundle/src/test/resources/vectors/v1-tiny.bundle"));
  }

  static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
