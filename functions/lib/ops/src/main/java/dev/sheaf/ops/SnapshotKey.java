package dev.sheaf.ops;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import java.util.ArrayList;
import java.util.List;

/**
 * Where a page of a snapshot begins: first come the records, then the tombstones. As text {@code
 * r[...]} or {@code t[...]} with the key of the last record before; a {@code t} alone begins the
 * tombstones.
 *
 * @param isTombstone whether it is among the tombstones
 * @param values of the key's columns as texts, or the whole key of a tombstone; none at a beginning
 */
record SnapshotKey(boolean isTombstone, List<String> values) {
  static final String FIRST_TOMBSTONE = "t";

  SnapshotKey {
    values = List.copyOf(values);
  }

  static SnapshotKey parse(String text, RegisteredTable table) {
    if (text.isEmpty() || text.equals(FIRST_TOMBSTONE)) {
      return new SnapshotKey(!text.isEmpty(), List.of());
    }
    char part = text.charAt(0);
    List<String> key = values(text.substring(1));
    if ((part != 'r' && part != 't') || key.size() != table.key().size()) {
      throw invalid(text);
    }
    return part == 't'
        ? new SnapshotKey(true, List.of(text.substring(1)))
        : new SnapshotKey(false, key);
  }

  private static List<String> values(String json) {
    try {
      JsonNode key = OpJson.MAPPER.readTree(json);
      if (key == null || !key.isArray()) {
        throw invalid(json);
      }
      List<String> values = new ArrayList<>();
      for (JsonNode value : key) {
        if (!value.isValueNode() || value.isNull()) {
          throw invalid(json);
        }
        values.add(value.asText());
      }
      return values;
    } catch (JsonProcessingException e) {
      throw invalid(json);
    }
  }

  private static SheafException invalid(String text) {
    String shown = text.length() > 80 ? text.substring(0, 80) + "..." : text;
    return new SheafException(
        ErrorKind.INVALID,
        "'" + shown + "' is no place in a snapshot; send what the page before named, or nothing");
  }

  /** The same part behind a key, as text. */
  String at(String key) {
    return (isTombstone ? "t" : "r") + key;
  }
}
