package dev.sheaf.cli.git;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Everything that some objects reach. Git's own walk is faster and comes first; it gives up on a
 * tree in which a name is empty, and such trees are in real histories. This one looks at nothing
 * but the ids in them.
 */
public final class ObjectWalk {
  private static final int TYPE = 0170000;
  private static final int FOLDER = 0040000;
  private static final int FILE = 0100000;
  private static final int LINK = 0120000;

  private final LocalRepository repository;
  private final Set<GitId> reached = new HashSet<>();

  private ObjectWalk(LocalRepository repository) {
    this.repository = repository;
  }

  /**
   * Walks.
   *
   * @param from where to begin
   * @param known what is not walked into, with the commits behind it
   * @return all objects, the first ones included
   * @throws SheafException of kind CORRUPT that names an object that is not there
   */
  public static Set<GitId> from(
      LocalRepository repository, Collection<GitId> from, Collection<GitId> known)
      throws IOException {
    ObjectWalk walk = new ObjectWalk(repository);
    Set<GitId> roots = new HashSet<>(from);
    roots.addAll(walk.commits(from, known));
    roots.removeAll(Set.copyOf(known));
    walk.walk(roots);
    return walk.reached;
  }

  /** One or more objects by kind. */
  private record Level(Set<GitId> toRead, Set<GitId> blobs) {
    Level() {
      this(new HashSet<>(), new HashSet<>());
    }
  }

  private List<GitId> commits(Collection<GitId> from, Collection<GitId> known) throws IOException {
    StringBuilder asked = new StringBuilder();
    from.forEach(id -> asked.append(id).append('\n'));
    known.forEach(id -> asked.append('^').append(id).append('\n'));
    List<GitId> commits = new ArrayList<>();
    for (String line :
        repository.git().output(asked.toString(), "rev-list", "--stdin").lines().toList()) {
      if (!line.isEmpty()) {
        commits.add(new GitId(line));
      }
    }
    return commits;
  }

  private void walk(Set<GitId> roots) throws IOException {
    Level level = new Level();
    types(roots)
        .forEach((id, type) -> (type.equals("blob") ? level.blobs() : level.toRead()).add(id));
    Level next = level;
    while (!next.toRead().isEmpty() || !next.blobs().isEmpty()) {
      types(next.blobs());
      reached.addAll(next.blobs());
      reached.addAll(next.toRead());
      next = read(next.toRead());
      next.blobs().removeAll(reached);
      next.toRead().removeAll(reached);
    }
  }

  /** What each is; all must be there. */
  private Map<GitId, String> types(Collection<GitId> ids) throws IOException {
    Map<GitId, String> types = new HashMap<>();
    if (ids.isEmpty()) {
      return types;
    }
    for (String line :
        repository.git().output(lines(ids), "cat-file", "--batch-check").lines().toList()) {
      String[] words = line.split(" ", -1);
      if (words.length < 3) {
        throw missing(line);
      }
      types.put(new GitId(words[0]), words[1]);
    }
    return types;
  }

  private static String lines(Collection<GitId> ids) {
    StringBuilder lines = new StringBuilder();
    ids.forEach(id -> lines.append(id).append('\n'));
    return lines.toString();
  }

  private static SheafException missing(String line) {
    return new SheafException(ErrorKind.CORRUPT, "object " + line);
  }

  /** What they name. */
  private Level read(Set<GitId> ids) throws IOException {
    Level next = new Level();
    if (ids.isEmpty()) {
      return next;
    }
    byte[] asked = lines(ids).getBytes(StandardCharsets.US_ASCII);
    GitProgram.require(
        repository
            .git()
            .run(
                to -> to.write(asked),
                from -> {
                  InputStream in = new BufferedInputStream(from);
                  for (int i = 0; i < ids.size(); i++) {
                    readOne(in, next);
                  }
                },
                "cat-file",
                "--batch"),
        "cat-file");
    return next;
  }

  private static void readOne(InputStream in, Level next) throws IOException {
    String head = line(in);
    String[] words = head.split(" ", -1);
    if (words.length < 3) {
      throw missing(head);
    }
    byte[] content = in.readNBytes(Integer.parseInt(words[2]));
    in.skipNBytes(1);
    if (words[1].equals("tree")) {
      readTree(content, next);
    } else {
      readNamed(words[1], content, next);
    }
  }

  private static String line(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new EOFException("git cat-file ended early");
      }
      line.write(c);
    }
    return line.toString(StandardCharsets.US_ASCII);
  }

  private static void readTree(byte[] tree, Level next) {
    int at = 0;
    while (at < tree.length) {
      int space = indexOf(tree, (byte) ' ', at);
      int end = indexOf(tree, (byte) 0, space);
      GitId id = new GitId(HexFormat.of().formatHex(tree, end + 1, end + 21));
      // As git's canon_mode(): whatever is no file, link or folder is a submodule.
      switch (mode(tree, at, space) & TYPE) {
        case FOLDER -> next.toRead().add(id);
        case FILE, LINK -> next.blobs().add(id);
        default -> {}
      }
      at = end + 21;
    }
  }

  private static int mode(byte[] tree, int from, int to) {
    int mode = 0;
    for (int at = from; at < to; at++) {
      mode = (mode << 3) + (tree[at] - '0');
    }
    return mode;
  }

  private static int indexOf(byte[] bytes, byte wanted, int from) {
    for (int at = Math.max(from, 0); at < bytes.length; at++) {
      if (bytes[at] == wanted) {
        return at;
      }
    }
    throw new SheafException(ErrorKind.CORRUPT, "a tree is cut off");
  }

  /** A commit names its tree (its parents are known by then), a tag what it is of. */
  private static void readNamed(String type, byte[] content, Level next) {
    String[] lines = new String(content, StandardCharsets.ISO_8859_1).split("\n", 3);
    GitId id = new GitId(lines[0].substring(lines[0].indexOf(' ') + 1));
    boolean blob = type.equals("tag") && lines[1].equals("type blob");
    (blob ? next.blobs() : next.toRead()).add(id);
  }
}
