package dev.sheaf.repository;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.history.GitRefs;
import dev.sheaf.storage.catalog.Rows;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A page of refs being filled, within what one answer of a function may hold. */
final class RefPage {
  /** Refs in one page. */
  static final int MAX_REFS = 10_000;

  /** The text of names and ids, and tag objects as base64; with what JSON adds it is half more. */
  private static final long MAX_BYTES = 2_500_000;

  /** What a ref takes besides its texts. */
  private static final int BYTES_A_REF = 40;

  private final SortedMap<String, String> heads = new TreeMap<>();
  private final SortedMap<String, GitRefs.GitRef> refs = new TreeMap<>();
  private @Nullable String head;
  private Position last;
  private int count;
  private long bytes;

  RefPage(Position from) {
    this.last = from;
  }

  /**
   * How far a reader has come.
   *
   * @param isBranch whether among the branches, which come first, or among the refs of git
   * @param name of the last ref that was read; empty for none
   */
  record Position(boolean isBranch, String name) {
    private static final String BRANCH = "branch:";
    private static final String GIT = "git:";

    static Position parse(@Nullable String text) {
      if (text == null) {
        return new Position(true, "");
      }
      if (text.startsWith(BRANCH)) {
        return new Position(true, text.substring(BRANCH.length()));
      }
      if (text.startsWith(GIT)) {
        return new Position(false, text.substring(GIT.length()));
      }
      throw new SheafException(
          ErrorKind.INVALID,
          "'" + text + "' is no place in a list of refs; give back 'next' as it came");
    }

    @Override
    public String toString() {
      return (isBranch ? BRANCH : GIT) + name;
    }
  }

  /** Takes a row of {@code branches}, unless the page is full. */
  boolean takeBranch(Rows.Row row) {
    String name = row.text("name");
    String commit = row.text("head_commit_id");
    if (!hasRoom(name.length() + commit.length())) {
      return false;
    }
    heads.put(name, commit);
    last = new Position(true, name);
    return true;
  }

  /**
   * Takes a row of {@code dialect_refs}, unless the page is full.
   *
   * @param tags its tag objects, encoded; asked for when there is room
   */
  boolean takeGit(Rows.Row row, Supplier<byte @Nullable []> tags) {
    String name = row.text("name");
    Long tagBytes = row.numberOrNull("tag_bytes");
    long size = (long) name.length() + row.text("target").length();
    size += tagBytes == null ? 0 : tagBytes / 3 * 4;
    if (!hasRoom(name.equals(Refs.HEAD) ? size : size + row.text("commit_id").length())) {
      return false;
    }
    if (name.equals(Refs.HEAD)) {
      head = row.text("target");
    } else {
      refs.put(name, Refs.gitRef(row, tags.get()));
    }
    last = new Position(false, name);
    return true;
  }

  /** The first ref always has room: a page without any would never end. */
  private boolean hasRoom(long texts) {
    bytes += texts + BYTES_A_REF;
    count++;
    return count == 1 || (count <= MAX_REFS && bytes <= MAX_BYTES);
  }

  /**
   * The page.
   *
   * @param complete whether nothing was left
   */
  Refs.Page finish(boolean complete) {
    GitRefs git = head == null && refs.isEmpty() ? null : new GitRefs(head, refs);
    return new Refs.Page(heads, git, complete ? null : last.toString());
  }
}
