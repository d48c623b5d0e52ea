package dev.sheaf.cli.git;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The id of an object of git.
 *
 * @param hex 40 digits, small letters
 */
public record GitId(String hex) {
  private static final int DIGITS = 40;

  /**
   * Checks it.
   *
   * @throws SheafException of kind INVALID when it is none
   */
  public GitId {
    if (!names(hex)) {
      throw new SheafException(
          ErrorKind.INVALID, "'" + hex + "' is not the id of an object of git");
    }
  }

  /** Whether a text has the form of one. */
  public static boolean names(String text) {
    return text.length() == DIGITS
        && text.chars().allMatch(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
  }

  /** The id of a file's content: SHA-1 of its kind, its size and its bytes. */
  public static GitId ofBlob(byte[] content) {
    MessageDigest digest = sha1();
    digest.update(("blob " + content.length + "\0").getBytes(StandardCharsets.US_ASCII));
    return new GitId(HexFormat.of().formatHex(digest.digest(content)));
  }

  private static MessageDigest sha1() {
    try {
      return MessageDigest.getInstance("SHA-1");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java runtime has SHA-1", e);
    }
  }

  @Override
  public String toString() {
    return hex;
  }
}
