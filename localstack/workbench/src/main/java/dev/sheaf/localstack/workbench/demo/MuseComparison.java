package dev.sheaf.localstack.workbench.demo;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.codec.BundleReader;
import dev.sheaf.bundle.codec.HistoryCollector;
import dev.sheaf.bundle.codec.RawObject;
import dev.sheaf.bundle.codec.ReceivedObject;
import dev.sheaf.bundle.history.Commit;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.bundle.history.Manifest;
import dev.sheaf.bundle.history.Snapshot;
import dev.sheaf.bundle.history.SnapshotResolver;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Whether every file of every commit that came back is git's. What git calls a file's content is
 * computed from the bytes that came; which files a commit has, git itself says.
 *
 * @param commits number of git's commits
 * @param trees number of distinct trees whose files were all compared
 * @param allTrees number of git's distinct trees; more than {@code trees} where the history is huge
 * @param files number of files compared, over all trees
 * @param blobs number of distinct contents
 * @param oddPaths number of files whose path no text can hold, compared by their contents
 * @param differences what differs, one line each; empty when nothing
 */
record MuseComparison(
    int commits,
    int trees,
    int allTrees,
    long files,
    int blobs,
    long oddPaths,
    List<String> differences) {
  /** Git is asked once for each: of longer histories some are left out, evenly. */
  private static final int MOST_TREES = 3_000;

  private static final int SHOWN = 5;

  /**
   * Compares.
   *
   * @param answer a bundle
   * @param isAll whether it is to hold the whole history
   */
  static MuseComparison of(Git git, Content answer, boolean isAll, Path temp) throws IOException {
    Received received = new Received();
    try (InputStream in = new BufferedInputStream(answer.open(), 1 << 16)) {
      BundleReader.spoolingTo(temp).read(in, received);
    }
    return new Comparing(git, received).run(isAll);
  }

  boolean isIdentical() {
    return differences.isEmpty();
  }

  /** The history, and of each object what git calls its content. */
  private static final class Received extends HistoryCollector {
    private final Map<ContentId, String> blobs = new HashMap<>();
    private final List<String> lies = new ArrayList<>();

    @Override
    public void object(ReceivedObject object) throws IOException {
      try (object) {
        object.decode(this::take);
      }
    }

    private void take(RawObject object) throws IOException {
      if (!Ids.object(object.content()).equals(object.id())) {
        lies.add("object " + object.id() + " is not what it says");
      }
      blobs.put(object.id(), gitId(object.content()));
    }

    private static String gitId(Content content) throws IOException {
      try {
        MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
        sha1.update(("blob " + content.size() + "\0").getBytes(StandardCharsets.US_ASCII));
        try (InputStream in = new DigestInputStream(content.open(), sha1)) {
          in.transferTo(OutputStream.nullOutputStream());
        }
        return HexFormat.of().formatHex(sha1.digest());
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("every Java platform has SHA-1", e);
      }
    }
  }

  /** One comparison under way. */
  private static final class Comparing implements SnapshotResolver.Visitor {
    private final Git git;
    private final Received received;
    private final Map<String, String> treeOfCommit;
    private final Map<String, Set<String>> treesOfSnapshot = new HashMap<>();
    private final Set<String> trees = new HashSet<>();
    private final List<String> differences = new ArrayList<>();
    private int compared;
    private int met;
    private int stride = 1;
    private long files;
    private long odd;

    Comparing(Git git, Received received) throws IOException {
      this.git = git;
      this.received = received;
      this.treeOfCommit = git.commits();
    }

    MuseComparison run(boolean isAll) throws IOException {
      differences.addAll(received.lies);
      received.history().commits().forEach(this::assign);
      treesOfSnapshot.values().forEach(trees::addAll);
      // Commits that differ only in what muse does not know are one there; their files are not.
      treeOfCommit.forEach((commit, tree) -> {
        if (isAll && !trees.contains(tree)) {
          differences.add("commit lost: " + commit);
        }
      });
      stride = 1 + trees.size() / MOST_TREES;
      SnapshotResolver.resolve(
          received.history().snapshots(), SnapshotResolver.Known.NOTHING, this);
      if (compared == 0) {
        differences.add("nothing came back");
      }
      return new MuseComparison(
          treeOfCommit.size(),
          compared,
          new HashSet<>(treeOfCommit.values()).size(),
          files,
          received.blobs.size(),
          odd,
          differences.stream().limit(SHOWN).toList());
    }

    private void assign(Commit commit) {
      String id =
          commit.meta().get("metadata") instanceof Map<?, ?> metadata
              ? String.valueOf(metadata.get("git_id"))
              : "";
      String tree = treeOfCommit.get(id);
      if (tree == null) {
        differences.add("commit too many: " + commit.commitId());
      } else {
        treesOfSnapshot
            .computeIfAbsent(String.valueOf(commit.snapshotId()), _ -> new HashSet<>())
            .add(tree);
      }
    }

    @Override
    public void resolved(Snapshot snapshot, Manifest manifest) throws IOException {
      for (String tree : treesOfSnapshot.getOrDefault(snapshot.snapshotId(), Set.of())) {
        if (met++ % stride == 0) {
          compare(tree, manifest);
          compared++;
        }
      }
    }

    private void compare(String tree, Manifest manifest) throws IOException {
      Map<String, ContentId> left = new HashMap<>(manifest.objects());
      List<String> unmatched = new ArrayList<>();
      for (Git.TreeFile file : git.files(tree)) {
        files++;
        ContentId object = file.path() == null ? null : left.get(file.path());
        if (object != null && file.blob().equals(received.blobs.get(object))) {
          left.remove(file.path());
        } else if (file.isPlain()) {
          differences.add("tree %s: %s differs".formatted(tree, file.path()));
        } else {
          unmatched.add(file.blob());
        }
      }
      odd += unmatched.size();
      List<String> rest = new ArrayList<>();
      left.values().forEach(object -> rest.add(String.valueOf(received.blobs.get(object))));
      Collections.sort(unmatched);
      Collections.sort(rest);
      if (!unmatched.equals(rest)) {
        differences.add(
            "tree %s: %d files too many, %d lost".formatted(tree, rest.size(), unmatched.size()));
      }
    }
  }
}
