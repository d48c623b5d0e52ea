package dev.sheaf.repository;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.ops.Action;
import dev.sheaf.ops.Op;
import java.util.Optional;
import java.util.Set;

/**
 * Records of repositories that came from a peer. Their names become URLs and keys in the bucket, so
 * one that nobody could have given here is refused.
 */
final class RepoRecords {
  private static final Set<String> KINDS = Set.of("git", "muse");
  private static final int MAX_ID = 200;

  private RepoRecords() {}

  /** What is wrong with an op; empty for nothing. */
  static Optional<SheafException> fault(Op op) {
    if (op.table().equals(HomeFence.REPOS) && !op.action().equals(Action.DELETE.text())) {
      for (JsonNode record : op.data()) {
        Optional<String> field = faultyField(record);
        if (field.isPresent()) {
          return Optional.of(
              new SheafException(
                  ErrorKind.INVALID, "no repository can have such a field '" + field.get() + "'"));
        }
      }
    }
    return Optional.empty();
  }

  private static Optional<String> faultyField(JsonNode record) {
    String id = record.path("repo_id").asText();
    if (id.isEmpty() || id.length() > MAX_ID) {
      return Optional.of("repo_id");
    }
    for (String field : new String[] {"owner", "name"}) {
      if (!record.path(field).isTextual() || !ObjectKeys.isName(record.path(field).asText())) {
        return Optional.of(field);
      }
    }
    JsonNode kind = record.path("kind");
    boolean isKnown = kind.isMissingNode() || kind.isNull() || KINDS.contains(kind.asText());
    return isKnown ? Optional.empty() : Optional.of("kind");
  }
}
