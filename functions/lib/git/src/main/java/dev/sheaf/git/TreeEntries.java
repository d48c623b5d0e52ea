package dev.sheaf.git;

import org.eclipse.jgit.lib.Constants;

/** Goes over the entries of a tree's bytes: mode, space, name, zero, id. */
final class TreeEntries {
  private final byte[] tree;
  private int begin;
  private int mode;
  private int space;
  private int id;
  private int end;

  TreeEntries(byte[] tree) {
    this.tree = tree;
  }

  /**
   * Goes to the next entry; false behind the last.
   *
   * @throws IllegalArgumentException for a mode that is no octal number, as git takes none
   * @throws IndexOutOfBoundsException where the tree is cut off
   */
  boolean next() {
    if (end == tree.length) {
      return false;
    }
    begin = end;
    space = readMode(begin);
    int zero = space;
    do {
      zero++;
    } while (tree[zero] != 0);
    id = zero + 1;
    end = id + Constants.OBJECT_ID_LENGTH;
    if (end > tree.length) {
      throw new IndexOutOfBoundsException(end);
    }
    return true;
  }

  private int readMode(int from) {
    int at = from;
    mode = 0;
    for (; tree[at] != ' '; at++) {
      if (tree[at] < '0' || tree[at] > '7') {
        throw new IllegalArgumentException("a mode is no octal number");
      }
      mode = (mode << 3) + (tree[at] - '0');
    }
    if (at == from) {
      throw new IllegalArgumentException("a mode is empty");
    }
    return at;
  }

  int mode() {
    return mode;
  }

  /** Where the entry begins. */
  int begin() {
    return begin;
  }

  /** Where the mode has ended. */
  int space() {
    return space;
  }

  /** Where the id is. */
  int id() {
    return id;
  }

  /** Where the next entry begins. */
  int end() {
    return end;
  }
}
