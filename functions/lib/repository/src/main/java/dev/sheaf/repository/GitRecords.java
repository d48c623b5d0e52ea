package dev.sheaf.repository;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.RefName;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.ops.Action;
import dev.sheaf.ops.Op;
import java.util.HexFormat;
import java.util.List;
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
    if (!isRefs && !isPacks) {
      return Optional.empty();
    }
    boolean isGone = op.action().equals(Action.DELETE.text());
    for (JsonNode record : op.data()) {
      Optional<String> fault = isRefs ? ofRef(op, record, isGone) : ofPack(record, isGone);
      if (fault.isPresent()) {
        return Optional.of(
            new SheafException(
                ErrorKind.INVALID,
                "a record of %s can be of no site of ours: %s".formatted(op.table(), fault.get())));
      }
    }
    return Optional.empty();
  }

  private static Optional<String> ofRef(Op op, JsonNode record, boolean isGone) {
    boolean isHead = isHead(op, record);
    if (!isHead && !isName(record.path("name"))) {
      return Optional.of("'name' is no name of a ref in hex");
    }
    JsonNode epoch = record.path("epoch");
    if (!isAbsent(epoch) && (!epoch.canConvertToLong() || epoch.asLong() < 0)) {
      return Optional.of("'epoch' is no number of a home");
    }
    if (isGone) {
      return Optional.empty();
    }
    if (!isAbsent(record.path("peeled")) && !isId(record.path("peeled"), OBJECT)) {
      return Optional.of("'peeled' is no object id");
    }
    return isAbsent(record.path("symref"))
        ? isId(record.path("target"), OBJECT)
            ? Optional.empty()
            : Optional.of("'target' is no object id")
        : ofSymref(record, isHead);
  }

  private static Optional<String> ofSymref(JsonNode record, boolean isHead) {
    if (!isHead) {
      return Optional.of("'symref' is HEAD's alone");
    }
    if (!isAbsent(record.path("target"))) {
      return Optional.of("HEAD has both 'target' and 'symref'");
    }
    return isName(record.path("symref"))
        ? Optional.empty()
        : Optional.of("'symref' is no name of a ref in hex");
  }

  private static boolean isAbsent(JsonNode value) {
    return value.isNull() || value.isMissingNode();
  }

  private static boolean isId(JsonNode value, Pattern form) {
    return value.isTextual() && form.matcher(value.asText()).matches();
  }

  private static boolean isName(JsonNode hex) {
    if (!hex.isTextual() || hex.asText().length() > 2 * RefName.MAX_BYTES) {
      return false;
    }
    try {
      return RefName.isValid(HexFormat.of().parseHex(hex.asText()));
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static Optional<String> ofPack(JsonNode record, boolean isGone) {
    if (!isId(record.path("pack"), PACK)) {
      return Optional.of("'pack' is no SHA-256");
    }
    if (!isGone) {
      for (String field : List.of("size_bytes", "objects", "ordinal")) {
        JsonNode count = record.path(field);
        boolean isCount = count.canConvertToLong() && count.isIntegralNumber();
        int least = field.equals("ordinal") ? 0 : 1;
        boolean mayBeAbsent = field.equals("ordinal") && isAbsent(count);
        if (!mayBeAbsent && (!isCount || count.asLong() < least)) {
          return Optional.of("'" + field + "' is no count");
        }
      }
    }
    return Optional.empty();
  }
}
