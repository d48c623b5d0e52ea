package dev.sheaf.cli.git;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;

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
    if (!isId(hex)) {
      throw new SheafException(
          ErrorKind.INVALID, "'" + hex + "' is not the id of an object of git");
    }
  }

  private static boolean isId(String text) {
    return text.length() == DIGITS
        && text.chars().allMatch(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
  }

  @Override
  public String toString() {
    return hex;
  }
}
