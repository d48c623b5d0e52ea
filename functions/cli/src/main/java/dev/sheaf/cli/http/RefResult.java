package dev.sheaf.cli.http;

import dev.sheaf.bundle.RefName;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What became of a {@link RefUpdate}.
 *
 * @param reason why it was rejected; null: it was not
 * @param detail more for people; may be empty
 */
public record RefResult(RefName name, @Nullable String reason, String detail) {
  static RefResult of(Map<String, @Nullable Object> document) {
    boolean rejected = "rejected".equals(document.get("status"));
    return new RefResult(
        SiteRefs.name(document),
        rejected ? Objects.toString(document.get("reason"), "no reason given") : null,
        Objects.toString(document.get("detail"), ""));
  }

  /** Whether the ref is where it was to be. */
  public boolean isDone() {
    return reason == null;
  }

  /** The reason in words. */
  public String why() {
    return switch (reason) {
      case null -> "";
      case "non_fast_forward" -> "does not build on where the server has it";
      case "stale" -> "was moved by somebody else meanwhile";
      case "missing_objects" -> "needs objects that did not arrive";
      case "bad_name" ->
          "has a name that the server does not take" + (detail.isEmpty() ? "" : ": " + detail);
      case "atomic" -> "stays because another one cannot move";
      case "not_a_commit" -> "is a branch and would not name a commit";
      case "limit" -> detail.isEmpty() ? "is more than the server takes" : detail;
      case "conflicts" -> "cannot stand beside a ref that is a folder of it, or in it";
      default -> detail.isEmpty() ? reason : detail;
    };
  }
}
