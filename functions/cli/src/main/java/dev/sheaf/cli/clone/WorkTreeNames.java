package dev.sheaf.cli.clone;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Set;
import org.eclipse.jgit.errors.CorruptObjectException;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectChecker;
import org.eclipse.jgit.lib.ObjectChecker.ErrorType;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectReader;
import org.eclipse.jgit.treewalk.CanonicalTreeParser;

/**
 * Whether a tree may become a work tree. History may hold names that lead elsewhere ({@code ..},
 * {@code .git}, {@code a/b} as one name, one name twice: a link and then a folder through it) and
 * is carried as it is; written to a disk, such a name is an attack. Git refuses them too, so the
 * answer does not depend on which git, if any, is installed.
 */
final class WorkTreeNames {
  private static final EnumSet<ErrorType> REFUSED =
      EnumSet.of(
          ErrorType.HAS_DOT,
          ErrorType.HAS_DOTDOT,
          ErrorType.HAS_DOTGIT,
          ErrorType.EMPTY_NAME,
          ErrorType.FULL_PATHNAME,
          ErrorType.DUPLICATE_ENTRIES);

  private final ObjectReader reader;
  private final ObjectChecker checker =
      new ObjectChecker().setIgnore(EnumSet.complementOf(REFUSED));

  WorkTreeNames(ObjectReader reader) {
    this.reader = reader;
  }

  /** A folder, and the way to it with a slash behind each name. */
  private record Folder(String path, ObjectId tree) {}

  /**
   * Looks at every folder once.
   *
   * @throws SheafException of kind INVALID that names the folder and what is wrong in it
   */
  void require(ObjectId root) throws IOException {
    Set<ObjectId> seen = new HashSet<>();
    Deque<Folder> waiting = new ArrayDeque<>();
    waiting.push(new Folder("", root));
    while (!waiting.isEmpty()) {
      Folder folder = waiting.pop();
      if (seen.add(folder.tree())) {
        look(folder, waiting);
      }
    }
  }

  private void look(Folder folder, Deque<Folder> waiting) throws IOException {
    byte[] content = reader.open(folder.tree(), Constants.OBJ_TREE).getBytes();
    try {
      checker.checkTree(folder.tree(), content);
    } catch (CorruptObjectException e) {
      throw new SheafException(
          ErrorKind.INVALID,
          "folder '/"
              + folder.path()
              + "' of this history must not be written to a disk ("
              + e.getMessage()
              + "); 'sheaf clone --bare' takes the history without a work tree",
          e);
    }
    CanonicalTreeParser entries = new CanonicalTreeParser();
    entries.reset(content);
    for (; !entries.eof(); entries.next()) {
      if (FileMode.TREE.equals(entries.getEntryFileMode())) {
        String inner = folder.path() + entries.getEntryPathString() + "/";
        waiting.push(new Folder(inner, entries.getEntryObjectId()));
      }
    }
  }
}
