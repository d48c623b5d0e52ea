package dev.sheaf.repository;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import java.util.Map;

/** What branches may be like, by whatever way they come; checked before any is visible. */
public final class RefLimits {
  /** Branches that one push may move. */
  public static final int MOST_REFS = 20_000;

  static final int LONGEST_NAME = 255;
  static final int LONGEST_ID = 128;

  private RefLimits() {}

  /**
   * Checks branches and where they are to point to.
   *
   * @throws SheafException of kind INVALID naming the limit
   */
  public static void check(Map<String, String> heads) {
    if (heads.size() > MOST_REFS) {
      throw invalid(
          "the push names %d branches; %d are the most".formatted(heads.size(), MOST_REFS));
    }
    heads.forEach((branch, head) -> {
      checkName(branch);
      checkId("the head of branch '" + shown(branch) + "' is no commit id", head);
    });
  }

  private static void checkName(String name) {
    boolean plain = name.chars().noneMatch(Character::isISOControl);
    if (name.isEmpty() || name.length() > LONGEST_NAME || !plain) {
      throw invalid(
          "a branch name has 1 to "
              + LONGEST_NAME
              + " characters and no control characters; this one does not: "
              + shown(name));
    }
  }

  private static void checkId(String what, String id) {
    if (id.isEmpty() || id.length() > LONGEST_ID) {
      throw invalid(what + "; those have 1 to " + LONGEST_ID + " characters");
    }
  }

  private static String shown(String name) {
    return name.length() <= LONGEST_NAME ? name : name.substring(0, LONGEST_NAME) + "...";
  }

  private static SheafException invalid(String message) {
    return new SheafException(ErrorKind.INVALID, message);
  }
}
