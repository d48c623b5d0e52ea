package dev.sheaf.git.read;

import dev.sheaf.git.EntryType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.eclipse.jgit.internal.storage.dfs.DfsReader;
import org.eclipse.jgit.internal.storage.dfs.DfsRepository;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.treewalk.CanonicalTreeParser;

/** Folders of a commit. */
public final class GitTree {
  private final DfsRepository repository;

  public GitTree(DfsRepository repository) {
    this.repository = repository;
  }

  /**
   * A name in a folder.
   *
   * @param path from the root, as text where its bytes are UTF-8; other bytes show as U+FFFD
   * @param id a blob's or a tree's, or the commit of a submodule
   */
  public record Entry(String path, FileMode mode, ObjectId id) {
    /** What it is: the object's own type says no more than this. */
    public Type type() {
      return switch (EntryType.of(mode.getBits())) {
        case Constants.OBJ_TREE -> Type.DIRECTORY;
        case Constants.OBJ_COMMIT -> Type.SUBMODULE;
        default -> mode.equals(FileMode.SYMLINK) ? Type.SYMLINK : Type.FILE;
      };
    }
  }

  /** What a name stands for. */
  public enum Type {
    DIRECTORY,
    FILE,
    SYMLINK,
    SUBMODULE
  }

  /**
   * The entry at a path.
   *
   * @param root a tree
   * @param path without slashes around it; empty for the root
   * @return empty when there is none
   */
  public Optional<Entry> at(ObjectId root, String path) throws IOException {
    Entry found = new Entry("", FileMode.TREE, root);
    if (path.isEmpty()) {
      return Optional.of(found);
    }
    for (String name : path.split("/", -1)) {
      if (found.type() != Type.DIRECTORY) {
        return Optional.empty();
      }
      Optional<Entry> next = named(found, name);
      if (next.isEmpty()) {
        return next;
      }
      found = next.get();
    }
    return Optional.of(found);
  }

  private Optional<Entry> named(Entry folder, String name) throws IOException {
    byte[] wanted = name.getBytes(StandardCharsets.UTF_8);
    try (DfsReader reader = repository.getObjectDatabase().newReader()) {
      for (CanonicalTreeParser tree = open(reader, folder.id()); !tree.eof(); tree.next(1)) {
        if (Arrays.equals(wanted, nameOf(tree))) {
          return Optional.of(entry(folder, tree));
        }
      }
      return Optional.empty();
    }
  }

  /** What is in a folder, in git's order. */
  public List<Entry> list(Entry folder) throws IOException {
    List<Entry> entries = new ArrayList<>();
    try (DfsReader reader = repository.getObjectDatabase().newReader()) {
      for (CanonicalTreeParser tree = open(reader, folder.id()); !tree.eof(); tree.next(1)) {
        entries.add(entry(folder, tree));
      }
    }
    return entries;
  }

  private static CanonicalTreeParser open(DfsReader reader, ObjectId tree) throws IOException {
    CanonicalTreeParser parser = new CanonicalTreeParser();
    parser.reset(reader, tree);
    return parser;
  }

  private static Entry entry(Entry folder, CanonicalTreeParser tree) {
    String name = new String(nameOf(tree), StandardCharsets.UTF_8);
    String path = folder.path().isEmpty() ? name : folder.path() + "/" + name;
    return new Entry(path, tree.getEntryFileMode(), tree.getEntryObjectId());
  }

  private static byte[] nameOf(CanonicalTreeParser tree) {
    byte[] name = new byte[tree.getNameLength()];
    tree.getName(name, 0);
    return name;
  }
}
