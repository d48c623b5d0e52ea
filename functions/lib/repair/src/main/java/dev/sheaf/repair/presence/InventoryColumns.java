package dev.sheaf.repair.presence;

import dev.sheaf.bundle.ContentId;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Where the facts about a key stand in the rows of an inventory; -1 for what it does not have. */
record InventoryColumns(
    int key, int size, int lastModified, int etag, int isLatest, int isDeleteMarker) {

  /**
   * @param schema names of the columns, with commas between them
   * @throws ListingException when one is missing that an index needs
   */
  static InventoryColumns of(String schema) {
    List<String> names = List.of(schema.split(", *"));
    InventoryColumns columns =
        new InventoryColumns(
            names.indexOf("Key"),
            names.indexOf("Size"),
            names.indexOf("LastModifiedDate"),
            names.indexOf("ETag"),
            names.indexOf("IsLatest"),
            names.indexOf("IsDeleteMarker"));
    if (columns.key < 0 || columns.size < 0 || columns.lastModified < 0 || columns.etag < 0) {
      throw new ListingException(
          "the inventory has the columns '%s'; Key, Size, LastModifiedDate and ETag are needed"
              .formatted(schema));
    }
    return columns;
  }

  /** Whether a row tells of an object that a GET finds. */
  boolean isPresent(List<String> row) {
    return (isLatest < 0 || Boolean.parseBoolean(cell(row, isLatest)))
        && (isDeleteMarker < 0 || !Boolean.parseBoolean(cell(row, isDeleteMarker)));
  }

  /** Adds a row's key to those of its kind, if it is in the range; false when it is of none. */
  boolean add(List<String> row, Range range, Map<Kind, Entries> entries) {
    String name = URLDecoder.decode(cell(row, key), StandardCharsets.UTF_8);
    for (Kind kind : Kind.values()) {
      Optional<ContentId> id =
          name.startsWith(kind.prefix()) ? IndexKeys.of(kind, name) : Optional.empty();
      if (id.isPresent()) {
        if (kind != Kind.OBJECT || range.holds(id.get())) {
          entries.computeIfAbsent(kind, _ -> new Entries()).add(id.get(), facts(row));
        }
        return true;
      }
    }
    return false;
  }

  private Standing.Present facts(List<String> row) {
    try {
      return new Standing.Present(
          Long.parseLong(cell(row, size)),
          Standing.hash(cell(row, etag)),
          Instant.parse(cell(row, lastModified)));
    } catch (NumberFormatException | DateTimeException e) {
      throw new ListingException("the inventory has a row " + row, e);
    }
  }

  private static String cell(List<String> row, int column) {
    if (column >= row.size()) {
      throw new ListingException("the inventory has a row of " + row.size() + " cells: " + row);
    }
    return row.get(column);
  }
}
