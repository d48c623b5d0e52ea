package dev.sheaf.api.push;

import dev.sheaf.api.http.Document;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The body of {@code POST /push/unpack-bundle}.
 *
 * @param heads branch to new head
 * @param branch the one branch, where the short form named a branch and its head; else null
 * @param expectedHeads branch to the head that the client built on
 */
record Announcement(
    ContentId bundle,
    Map<String, String> heads,
    @Nullable String branch,
    boolean force,
    Map<String, String> expectedHeads) {

  private static final int MAX_BRANCHES = 20_000;
  private static final int MAX_BRANCH_LENGTH = 255;
  private static final int MAX_COMMIT_LENGTH = 128;

  static Announcement of(Document fields) {
    ContentId bundle = BundleKeys.required(fields);
    Optional<String> branch = fields.optionalText("branch");
    Map<String, String> heads =
        branch.isPresent()
            ? Map.of(branch.get(), fields.text("head"))
            : fields.optionalTextMap("branch_heads", MAX_BRANCHES).orElse(Map.of());
    heads.forEach(Announcement::check);
    Map<String, String> expected =
        fields.optionalTextMap("expected_heads", MAX_BRANCHES).orElse(Map.of());
    return new Announcement(bundle, heads, branch.orElse(null), fields.flag("force"), expected);
  }

  private static void check(String branch, String head) {
    boolean plain = branch.chars().noneMatch(Character::isISOControl);
    if (branch.isEmpty() || branch.length() > MAX_BRANCH_LENGTH || !plain) {
      throw new SheafException(
          ErrorKind.INVALID,
          "a branch name has 1 to "
              + MAX_BRANCH_LENGTH
              + " characters and no control characters; this one does not: "
              + branch);
    }
    if (head.isEmpty() || head.length() > MAX_COMMIT_LENGTH) {
      throw new SheafException(
          ErrorKind.INVALID,
          "the head of branch '"
              + branch
              + "' is no commit id; those have 1 to "
              + MAX_COMMIT_LENGTH
              + " characters");
    }
  }
}
