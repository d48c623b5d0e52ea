package dev.sheaf.localstack.servers.access;

import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;
import java.util.random.RandomGenerator;

/** A pair of keys as AWS gives them out; whoever signs with the secret is let in. */
public record Credentials(String accessKeyId, String secretAccessKey) {
  private static final int SECRET_BYTES = 30;
  private static final int KEY_ID_BYTES = 7;

  /** A pair that nobody has seen before. */
  static Credentials draw(RandomGenerator random) {
    byte[] id = new byte[KEY_ID_BYTES];
    random.nextBytes(id);
    return new Credentials(
        "SHEAF" + HexFormat.of().formatHex(id).toUpperCase(Locale.ROOT),
        text(random, SECRET_BYTES));
  }

  /** Letters, digits, hyphens and underscores that hold so many random bytes. */
  static String text(RandomGenerator random, int bytes) {
    byte[] drawn = new byte[bytes];
    random.nextBytes(drawn);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(drawn);
  }

  /** Without the secret: records end up in logs. */
  @Override
  public String toString() {
    return "Credentials[" + accessKeyId + "]";
  }
}
