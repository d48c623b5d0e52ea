package dev.sheaf.cli.restore;

import dev.sheaf.cli.git.Tree;
import dev.sheaf.cli.git.TreeEntry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.eclipse.jgit.internal.storage.pack.DeltaEncoder;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;
import org.jspecify.annotations.Nullable;

/**
 * Changes a tree object by copying what stays and inserting what is new; the copies and insertions
 * are at the same time the delta for the pack. Costs one pass over the old tree, whatever its size,
 * and no parsing of what stays.
 */
final class TreeSplice {
  /** Changes a folder inside. */
  @FunctionalInterface
  interface Inside {
    /**
     * The folder after the change, {@link Tree#EMPTY_ID} when nothing is left.
     *
     * @param folder its tree before; the empty tree when it is new
     */
    ObjectId apply(ObjectId folder, FolderEdit edit) throws IOException;
  }

  /** A stretch of the result: of the old tree where it is a copy, else of the result itself. */
  private record Step(boolean copy, int from, int length) {}

  private final byte[] old;
  private final Inside inside;
  private final ByteArrayOutputStream result;
  private final ByteArrayOutputStream inserted = new ByteArrayOutputStream();
  private final List<Step> steps = new ArrayList<>();
  private int at;
  private int copyFrom;

  private TreeSplice(byte[] old, Inside inside) {
    this.old = old;
    this.inside = inside;
    this.result = new ByteArrayOutputStream(old.length + 256);
  }

  static TreeSplice of(byte[] old, FolderEdit edit, Inside inside) throws IOException {
    TreeSplice splice = new TreeSplice(old, inside);
    for (Map.Entry<byte[], FolderEdit.Change> change : edit.changes().entrySet()) {
      splice.apply(change.getKey(), change.getValue());
    }
    splice.at = old.length;
    splice.copy();
    return splice;
  }

  private void apply(byte[] name, FolderEdit.Change change) throws IOException {
    while (at < old.length && compareWith(name) < 0) {
      at = nextEntry();
    }
    copy();
    ObjectId present = null;
    if (at < old.length && compareWith(name) == 0) {
      at = nextEntry();
      copyFrom = at;
      present = ObjectId.fromRaw(old, at - Constants.OBJECT_ID_LENGTH);
    }
    byte[] entry = change.folder() == null ? entry(change.file()) : folder(name, present, change);
    if (entry.length > 0) {
      steps.add(new Step(false, result.size(), entry.length));
      result.writeBytes(entry);
      inserted.writeBytes(entry);
    }
  }

  private byte[] folder(byte[] name, @Nullable ObjectId present, FolderEdit.Change change)
      throws IOException {
    ObjectId before = present == null ? Tree.EMPTY_ID : present;
    ObjectId after = inside.apply(before, Objects.requireNonNull(change.folder()));
    if (after.equals(Tree.EMPTY_ID)) {
      return entry(null);
    }
    String plain = new String(name, 0, name.length - 1, StandardCharsets.UTF_8);
    return entry(new TreeEntry(plain, TreeEntry.FOLDER, after));
  }

  private static byte[] entry(@Nullable TreeEntry entry) {
    return entry == null ? new byte[0] : entry.toBytes();
  }

  /** Copies the old tree from where it was left to here. */
  private void copy() {
    if (at > copyFrom) {
      steps.add(new Step(true, copyFrom, at - copyFrom));
      result.write(old, copyFrom, at - copyFrom);
      copyFrom = at;
    }
  }

  /** Compares the entry here with a name that has a slash behind it if it is a folder's. */
  private int compareWith(byte[] name) {
    boolean folder = old[at] == '4';
    int start = nameStart();
    for (int i = 0; i < name.length; i++) {
      int unit = old[start + i] & 0xff;
      if (unit == 0) {
        // The entry's own name ends here.
        return folder && name[i] == '/'
            ? i + 1 - name.length
            : (folder ? '/' : 0) - (name[i] & 0xff);
      }
      if (unit != (name[i] & 0xff)) {
        return unit - (name[i] & 0xff);
      }
    }
    return old[start + name.length] == 0 && !folder ? 0 : 1;
  }

  private int nameStart() {
    int start = at;
    while (old[start] != ' ') {
      start++;
    }
    return start + 1;
  }

  private int nextEntry() {
    int end = nameStart();
    while (old[end] != 0) {
      end++;
    }
    return end + 1 + Constants.OBJECT_ID_LENGTH;
  }

  /** The tree after the change. */
  byte[] result() {
    return result.toByteArray();
  }

  /** The new entries alone, one after the other. */
  byte[] inserted() {
    return inserted.toByteArray();
  }

  /** The delta that turns the old tree into the new one. */
  byte[] delta() throws IOException {
    byte[] content = result();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    DeltaEncoder encoder = new DeltaEncoder(out, old.length, content.length);
    for (Step step : steps) {
      if (step.copy()) {
        encoder.copy(step.from(), step.length());
      } else {
        encoder.insert(content, step.from(), step.length());
      }
    }
    return out.toByteArray();
  }
}
