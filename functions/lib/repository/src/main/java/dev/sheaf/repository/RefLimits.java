package dev.sheaf.repository;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.history.GitRefs;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What branches and tags may be like, by whatever way they come; checked before any is visible. */
public final class RefLimits {
  /** Branches that one push may move, and refs that one bundle may name. */
  public static final int MOST_REFS = 20_000;

  /** With all else a row fits into one request. */
  static final int MOST_TAG_BYTES = 2 << 20;

  static final int LONGEST_NAME = 255;
  static final int LONGEST_ID = 128;

  private RefLimits() {}

  /**
   * Checks branches and where they are to point to.
   *
   * @throws SheafException of kind INVALID naming the limit
   */
  public static void check(Map<String, String> heads) {
    checkCount(heads.keySet(), "branches");
    heads.forEach((branch, head) -> {
      checkName("a branch name", branch);
      checkId("the head of branch '" + shown(branch) + "' is no commit id", head);
    });
  }

  /** Checks the refs that git knows. */
  public static void check(@Nullable GitRefs git) {
    if (git == null) {
      return;
    }
    checkCount(git.refs().keySet(), "git refs");
    git.refs()
        .forEach((name, ref) -> {
          checkName("the name of a git ref", name);
          checkId("the target of git ref '" + shown(name) + "' is no id", ref.target());
          checkId("the commit of git ref '" + shown(name) + "' is no id", ref.commit());
          checkTags(name, ref.tags());
        });
    if (git.head() != null) {
      checkName("git's HEAD", git.head());
    }
  }

  private static void checkTags(String name, List<byte[]> tags) {
    long bytes = tags.stream().mapToLong(tag -> tag.length).sum();
    if (bytes > MOST_TAG_BYTES) {
      throw invalid(
          "the tag objects of git ref '%s' have %d bytes; %d are the most, so shorten its message"
              .formatted(shown(name), bytes, MOST_TAG_BYTES));
    }
  }

  private static void checkCount(Collection<String> names, String what) {
    if (names.size() > MOST_REFS) {
      throw invalid(
          "the push names " + names.size() + " " + what + "; " + MOST_REFS + " are the most");
    }
  }

  private static void checkName(String what, String name) {
    boolean plain = name.chars().noneMatch(Character::isISOControl);
    if (name.isEmpty() || name.length() > LONGEST_NAME || !plain) {
      throw invalid(
          what
              + " has 1 to "
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
