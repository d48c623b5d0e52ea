package dev.sheaf.api.push;

import dev.sheaf.api.http.Document;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.repository.RefLimits;
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

  static Announcement of(Document fields) {
    ContentId bundle = BundleKeys.required(fields);
    Optional<String> branch = fields.optionalText("branch");
    Map<String, String> heads =
        branch.isPresent()
            ? Map.of(branch.get(), fields.text("head"))
            : fields.optionalTextMap("branch_heads", RefLimits.MOST_REFS).orElse(Map.of());
    RefLimits.check(heads);
    Map<String, String> expected =
        fields.optionalTextMap("expected_heads", RefLimits.MOST_REFS).orElse(Map.of());
    return new Announcement(bundle, heads, branch.orElse(null), fields.flag("force"), expected);
  }
}
