package dev.sheaf.cli.git;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;

/**
 * Reads one tree object. Most trees are exactly what follows from their names and modes. The others
 * (names that are not UTF-8, modes and orders of early git versions, empty folders) get names and
 * modes that a manifest can hold, and are marked as not exact.
 */
final class TreeParser {
  /** Byte order of the names, a folder with a slash behind: as git orders a tree. */
  static final Comparator<TreeEntry> GIT_ORDER = TreeParser::compare;

  private final ObjectId id;
  private final byte[] raw;
  private final List<TreeEntry> entries = new ArrayList<>();
  private final Set<String> oddNames = new HashSet<>();
  private boolean exact = true;
  private int at;

  private TreeParser(ObjectId id, byte[] raw) {
    this.id = id;
    this.raw = raw;
  }

  static Tree parse(ObjectId id, byte[] raw) {
    TreeParser parser = new TreeParser(id, raw);
    while (parser.at < raw.length) {
      parser.entry();
    }
    parser.checkOrder();
    return new Tree(id, List.copyOf(parser.entries), parser.exact);
  }

  private void entry() {
    int mode = mode();
    String name = name();
    if (at + Constants.OBJECT_ID_LENGTH > raw.length) {
      throw malformed();
    }
    ObjectId target = ObjectId.fromRaw(raw, at);
    at += Constants.OBJECT_ID_LENGTH;
    if (mode == TreeEntry.FOLDER && target.equals(Tree.EMPTY_ID)) {
      exact = false; // a manifest knows files only
      return;
    }
    entries.add(new TreeEntry(name, mode, target));
  }

  private int mode() {
    int start = at;
    int mode = 0;
    while (at < raw.length && raw[at] != ' ') {
      int digit = raw[at++] - '0';
      if (digit < 0 || digit > 7) {
        throw malformed();
      }
      mode = mode << 3 | digit;
    }
    at++;
    int canonical = canonical(mode);
    exact &= canonical == mode && raw[start] != '0';
    return canonical;
  }

  /** The mode that git itself takes this one for. */
  private int canonical(int mode) {
    return switch (mode & 0170000) {
      case 0040000 -> TreeEntry.FOLDER;
      case 0120000 -> TreeEntry.LINK;
      case 0100000 -> (mode & 0100) == 0 ? TreeEntry.PLAIN : TreeEntry.EXECUTABLE;
      case 0160000 -> TreeEntry.SUBMODULE;
      default ->
          throw new SheafException(
              ErrorKind.INVALID,
              "tree "
                  + id.name()
                  + " has an entry of the unknown mode "
                  + Integer.toOctalString(mode)
                  + "; 'git fsck' reports it too");
    };
  }

  private String name() {
    int start = at;
    while (at < raw.length && raw[at] != 0) {
      at++;
    }
    String name;
    try {
      name =
          StandardCharsets.UTF_8
              .newDecoder()
              .decode(ByteBuffer.wrap(raw, start, at - start))
              .toString();
    } catch (CharacterCodingException e) {
      name = new String(raw, start, at - start, StandardCharsets.UTF_8);
      exact = false;
    }
    at++;
    return safe(name);
  }

  /** A name that can stand in a path; git can hold others, though it cannot check them out. */
  private String safe(String name) {
    if (name.isEmpty() || name.equals(".") || name.equals("..") || name.indexOf('/') >= 0) {
      exact = false;
      return "_" + name.replace('/', '_').replace('.', '_');
    }
    return name;
  }

  private void checkOrder() {
    for (int i = 1; i < entries.size(); i++) {
      exact &= compare(entries.get(i - 1), entries.get(i)) < 0;
    }
    if (exact && hasTwins()) {
      exact = false;
    }
    if (!exact) {
      entries.replaceAll(entry -> new TreeEntry(unique(entry.name()), entry.mode(), entry.id()));
      entries.sort(GIT_ORDER);
    }
  }

  /** Whether a file and a folder share a name: their order does not show it. */
  private boolean hasTwins() {
    boolean folders = entries.stream().anyMatch(TreeEntry::isFolder);
    return folders && entries.stream().map(TreeEntry::name).distinct().count() < entries.size();
  }

  private String unique(String name) {
    String candidate = name;
    for (int i = 1; !oddNames.add(candidate); i++) {
      candidate = name + "~" + i;
    }
    return candidate;
  }

  private static int compare(TreeEntry a, TreeEntry b) {
    String x = a.name();
    String y = b.name();
    int common = Math.min(x.length(), y.length());
    for (int i = 0; i < common; i++) {
      if (x.charAt(i) != y.charAt(i)) {
        return byteOrder(x.charAt(i)) - byteOrder(y.charAt(i));
      }
    }
    return after(x, common, a) - after(y, common, b);
  }

  /** Makes UTF-16 units compare as the UTF-8 bytes do: surrogates behind everything else. */
  private static int byteOrder(char unit) {
    if (unit < Character.MIN_SURROGATE) {
      return unit;
    }
    return unit <= Character.MAX_SURROGATE ? unit + 0x2000 : unit - 0x800;
  }

  private static int after(String name, int index, TreeEntry entry) {
    if (index < name.length()) {
      return byteOrder(name.charAt(index));
    }
    return entry.isFolder() ? '/' : 0;
  }

  private SheafException malformed() {
    return new SheafException(
        ErrorKind.INVALID, "tree " + id.name() + " is malformed; 'git fsck' reports it too");
  }
}
