package dev.sheaf.cli.git;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;
import org.jspecify.annotations.Nullable;

/**
 * One name in a folder.
 *
 * @param name as a manifest has it: valid Unicode, unique in its folder
 * @param mode {@link #PLAIN}, {@link #EXECUTABLE}, {@link #LINK}, {@link #SUBMODULE} or {@link
 *     #FOLDER}
 * @param id what it names: a blob, a commit of another repository, or a tree
 */
public record TreeEntry(String name, int mode, ObjectId id) {
  /** A folder. */
  public static final int FOLDER = 0040000;

  /** A file. */
  public static final int PLAIN = 0100644;

  /** A file that may be run. */
  public static final int EXECUTABLE = 0100755;

  /** A symbolic link; the blob is its target. */
  public static final int LINK = 0120000;

  /** A commit of another repository. */
  public static final int SUBMODULE = 0160000;

  /** Whether this is a folder. */
  public boolean isFolder() {
    return mode == FOLDER;
  }

  /** Whether the id names a blob of this repository. */
  public boolean isBlob() {
    return mode != FOLDER && mode != SUBMODULE;
  }

  /**
   * What a manifest says of the mode: empty for a plain file, else {@code 100755}, {@code 120000}
   * or {@code 160000} with the commit.
   */
  public String modeText() {
    return switch (mode) {
      case EXECUTABLE -> "100755";
      case LINK -> "120000";
      case SUBMODULE -> "160000 " + id.name();
      default -> "";
    };
  }

  /** The mode that a manifest's text stands for; see {@link #modeText}. */
  public static int modeOf(@Nullable String text) {
    if (text == null) {
      return PLAIN;
    }
    return switch (text) {
      case "100755" -> EXECUTABLE;
      case "120000" -> LINK;
      default -> text.startsWith("160000 ") ? SUBMODULE : PLAIN;
    };
  }

  /** Whether the entry of a tree object that begins here is a folder. */
  public static boolean isFolderMode(byte[] tree, int at) {
    return tree[skipZeros(tree, at)] == '4';
  }

  /** Whether the entry of a tree object that begins here is a submodule. */
  public static boolean isSubmoduleMode(byte[] tree, int at) {
    int digit = skipZeros(tree, at);
    return tree[digit] == '1' && tree[digit + 1] == '6';
  }

  private static int skipZeros(byte[] tree, int at) {
    int digit = at;
    while (tree[digit] == '0') {
      digit++;
    }
    return digit;
  }

  /** The entry as a tree object has it. */
  public byte[] toBytes() {
    byte[] head =
        (Integer.toOctalString(mode) + " " + name + "\0").getBytes(StandardCharsets.UTF_8);
    byte[] entry = Arrays.copyOf(head, head.length + Constants.OBJECT_ID_LENGTH);
    id.copyRawTo(entry, head.length);
    return entry;
  }

  /** Whether both name the same content in the same way. */
  boolean sameAs(TreeEntry other) {
    return mode == other.mode && id.equals(other.id);
  }
}
