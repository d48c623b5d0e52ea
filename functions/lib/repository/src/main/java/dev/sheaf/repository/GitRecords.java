package dev.sheaf.repository;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.RefName;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.ops.Action;
import dev.sheaf.ops.Op;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Records of git refs and packs that came from a peer: one that no site of ours wrote is refused.
 */
final class GitRecords {
  private static final Pattern OBJECT = Pattern.compile("[0-9a-f]{40}");
  private static final Pattern PACK = Pattern.compile("[0-9a-f]{64}");

  private GitRecords() {}

  /** Whether a record is of HEAD. */
  static boolean isHead(Op op, JsonNode record) {
    return op.table().equals(HomeFence.GIT_REFS)
        && record.path("name").asText().equals(GitState.HEAD_HEX);
  }

  /** What is wrong with an op; empty for nothing. */
  static Optional<SheafException> fault(Op op) {
    boolean isRefs = op.table().equals(HomeFence.GIT_REFS);
    boolean isPacks = op.table().equals(Travelling.GIT_PACKS.name());
    for (JsonNode record : op.data()) {
      if ((isRefs && !isRef(op, record)) || (isPacks && !isPack(record))) {
        return Optional.of(
            new SheafException(
                ErrorKind.INVALID, "what it says of a git ref or pack can be said of none"));
      }
    }
    return Optional.empty();
  }

  private static boolean isRef(Op op, JsonNode record) {
    boolean isHead = isHead(op, record);
    if (!isHead && !isName(record.path("name"))) {
      return false;
    }
    boolean isGone = op.action().equals(Action.DELETE.text());
    JsonNode target = record.path("target");
    JsonNode symref = record.path("symref");
    JsonNode peeled = record.path("peeled");
    boolean pointsSomewhere =
        isAbsent(symref)
            ? OBJECT.matcher(target.asText()).matches()
            : isHead && isAbsent(target) && isName(symref);
    return isGone
        || (pointsSomewhere && (isAbsent(peeled) || OBJECT.matcher(peeled.asText()).matches()));
  }

  private static boolean isAbsent(JsonNode value) {
    return value.isNull() || value.isMissingNode();
  }

  private static boolean isName(JsonNode hex) {
    try {
      return RefName.isValid(HexFormat.of().parseHex(hex.asText()));
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static boolean isPack(JsonNode record) {
    return PACK.matcher(record.path("pack").asText()).matches()
        && record.path("size_bytes").asLong(1) > 0
        && record.path("objects").asLong(1) > 0;
  }
}
