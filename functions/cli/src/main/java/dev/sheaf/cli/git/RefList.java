package dev.sheaf.cli.git;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectLoader;
import org.eclipse.jgit.lib.ObjectReader;
import org.eclipse.jgit.lib.Ref;
import org.eclipse.jgit.lib.Repository;
import org.jspecify.annotations.Nullable;

/**
 * The branches and tags to be pushed.
 *
 * @param head what HEAD names: a branch ({@code refs/heads/...}, perhaps without a commit yet), the
 *     SHA-1 of a commit when it is detached, or null when it cannot be carried
 * @param refs by full name, in order of the names
 */
public record RefList(@Nullable String head, Map<String, RefTarget> refs) {

  /**
   * Which refs to take.
   *
   * @param branches short or full names of the only branches to take; empty: all branches and tags
   * @param skipUnsupportedTags whether to leave out tags that do not lead to a commit
   */
  public record Selection(Collection<String> branches, boolean skipUnsupportedTags) {
    /** All branches and all tags. */
    public static final Selection ALL = new Selection(List.of(), false);
  }

  /**
   * Reads the refs.
   *
   * @throws SheafException of kind INVALID when there is nothing to push, when a branch is not
   *     there, or when a ref cannot be carried; all such refs are named
   */
  public static RefList read(GitSource source, Selection selection) throws IOException {
    try (ObjectReader reader = source.newReader()) {
      return new Collector(source, reader, selection).collect();
    }
  }

  /** The commits that the refs lead to. */
  public Collection<ObjectId> tips() {
    return refs.values().stream().map(RefTarget::commit).distinct().toList();
  }

  /** What stands for bytes that are no UTF-8. */
  private static final char NO_CHARACTER = '\ufffd';

  private static final class Collector {
    private final GitSource source;
    private final ObjectReader reader;
    private final Selection selection;
    private final Map<String, RefTarget> refs = new TreeMap<>();
    private final List<String> unsupported = new ArrayList<>();

    Collector(GitSource source, ObjectReader reader, Selection selection) {
      this.source = source;
      this.reader = reader;
      this.selection = selection;
    }

    RefList collect() throws IOException {
      if (selection.branches().isEmpty()) {
        addAll(Constants.R_HEADS);
        addAll(Constants.R_TAGS);
      } else {
        for (String branch : selection.branches()) {
          addBranch(branch);
        }
      }
      refuseUnsupported();
      if (refs.isEmpty()) {
        throw new SheafException(
            ErrorKind.INVALID, source.path() + " has no commits yet; make one and push again");
      }
      return new RefList(head(), refs);
    }

    private void addAll(String prefix) throws IOException {
      refuseFilesOfOddNames(source.commonFolder().resolve(prefix));
      for (Ref ref : source.repository().getRefDatabase().getRefsByPrefix(prefix)) {
        // Copies of files by other programs; git passes over them too.
        if (Repository.isValidRefName(ref.getName())) {
          add(ref);
        }
      }
    }

    private void addBranch(String branch) throws IOException {
      String name = branch.startsWith(Constants.R_HEADS) ? branch : Constants.R_HEADS + branch;
      Ref ref = source.repository().exactRef(name);
      if (ref == null || ref.getObjectId() == null) {
        throw new SheafException(
            ErrorKind.INVALID,
            source.path() + " has no branch '" + branch + "'; 'git branch' lists what it has");
      }
      add(ref);
    }

    private void add(Ref ref) throws IOException {
      refuseOddName(ref.getName());
      ObjectId target = ref.getObjectId();
      RefTarget found = target == null ? null : peel(target);
      if (found != null) {
        refs.put(ref.getName(), found);
      } else if (target != null) {
        unsupported.add(ref.getName());
      }
    }

    /** Follows tags to the commit; null when they lead to something else. */
    private @Nullable RefTarget peel(ObjectId target) throws IOException {
      List<byte[]> tags = new ArrayList<>();
      ObjectId at = target;
      while (true) {
        ObjectLoader object = reader.open(at);
        if (object.getType() == Constants.OBJ_COMMIT) {
          return new RefTarget(target, at, List.copyOf(tags));
        }
        if (object.getType() != Constants.OBJ_TAG) {
          return null;
        }
        byte[] tag = ObjectProof.of(at, Constants.OBJ_TAG, object.getCachedBytes());
        tags.add(tag);
        at = ObjectId.fromString(tag, "object ".length());
      }
    }

    /** JGit passes over a file whose name it cannot spell. */
    private void refuseFilesOfOddNames(Path folder) throws IOException {
      if (Files.isDirectory(folder)) {
        try (Stream<Path> files = Files.walk(folder)) {
          files.forEach(file -> refuseOddName(source.commonFolder().relativize(file).toString()));
        }
      }
    }

    private static void refuseOddName(String name) {
      if (name.indexOf(NO_CHARACTER) >= 0) {
        throw new SheafException(
            ErrorKind.INVALID,
            "cannot carry "
                + name
                + ": its name is not UTF-8; nothing was sent;"
                + " rename it (git update-ref), --branch pushes single branches");
      }
    }

    private void refuseUnsupported() {
      if (unsupported.isEmpty() || selection.skipUnsupportedTags()) {
        return;
      }
      throw new SheafException(
          ErrorKind.INVALID,
          "cannot carry "
              + String.join(", ", unsupported)
              + ": they name a tree or a blob instead of a commit; nothing was sent;"
              + " --skip-unsupported-tags leaves them out, --branch pushes single branches");
    }

    private @Nullable String head() throws IOException {
      String linked = linkedHead();
      if (linked != null) {
        return branch(linked);
      }
      Ref head = source.repository().exactRef(Constants.HEAD);
      if (head == null) {
        return null;
      }
      if (head.isSymbolic()) {
        return branch(head.getTarget().getName());
      }
      return detached(head.getObjectId());
    }

    private @Nullable String branch(String name) {
      boolean taken = selection.branches().isEmpty() || refs.containsKey(name);
      return taken && name.startsWith(Constants.R_HEADS) ? name : null;
    }

    /** Of old repositories, HEAD is a link in the file system; JGit reads what it leads to. */
    private @Nullable String linkedHead() throws IOException {
      Path head = source.gitFolder().resolve(Constants.HEAD);
      String target = Files.isSymbolicLink(head) ? Files.readSymbolicLink(head).toString() : "";
      return target.startsWith(Constants.R_REFS) ? target : null;
    }

    /**
     * A detached HEAD travels where some ref has its commit; a clone could not hold it otherwise.
     */
    private @Nullable String detached(@Nullable ObjectId commit) {
      boolean held = refs.values().stream().anyMatch(ref -> ref.commit().equals(commit));
      return held && commit != null ? commit.name() : null;
    }
  }
}
