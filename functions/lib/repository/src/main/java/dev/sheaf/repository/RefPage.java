package dev.sheaf.repository;

import dev.sheaf.storage.catalog.Rows;
import java.util.SortedMap;
import java.util.TreeMap;

/** A page of branches being filled, within what one answer of a function may hold. */
final class RefPage {
  /** Branches in one page. */
  static final int MAX_REFS = 10_000;

  /** The text of names and ids; with what JSON adds it is half more. */
  private static final long MAX_BYTES = 2_500_000;

  /** What a branch takes besides its texts. */
  private static final int BYTES_A_REF = 40;

  private final SortedMap<String, String> heads = new TreeMap<>();
  private long bytes;

  /** Takes a row of {@code branches}, unless the page is full. */
  boolean take(Rows.Row row) {
    String name = row.text("name");
    String commit = row.text("head_commit_id");
    bytes += name.length() + commit.length() + BYTES_A_REF;
    // The first always has room: a page without any would never end.
    if (!heads.isEmpty() && (heads.size() == MAX_REFS || bytes > MAX_BYTES)) {
      return false;
    }
    heads.put(name, commit);
    return true;
  }

  /**
   * The page.
   *
   * @param complete whether nothing was left
   */
  Refs.Page finish(boolean complete) {
    return new Refs.Page(heads, complete ? null : heads.lastKey());
  }
}
