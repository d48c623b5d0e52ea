package dev.sheaf.cli.bundling;

import dev.sheaf.cli.git.GitHistory;
import dev.sheaf.cli.git.GitSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.eclipse.jgit.lib.ObjectId;

/**
 * Cuts a history into ranges of about one bundle each. Reads every commit and every new tree, so
 * what cannot be carried is found here, before anything is sent.
 */
public final class RangePlanner {
  /** What a commit and its snapshot delta cost on the wire, roughly. */
  private static final long COMMIT_BYTES = 600;

  private final GitSource source;
  private final GitHistory history;
  private final long targetBytes;

  public RangePlanner(GitSource source, GitHistory history, long targetBytes) {
    this.source = source;
    this.history = history;
    this.targetBytes = targetBytes;
  }

  /**
   * Cuts the commits.
   *
   * @param commits parents first
   * @return at least one range, which may be without commits
   */
  public List<CommitRange> plan(List<ObjectId> commits) throws IOException {
    NewBlobs newBlobs = new NewBlobs(history);
    long[] bytes = new long[commits.size()];
    int[] blobs = new int[commits.size()];
    long total = 0;
    for (int i = 0; i < bytes.length; i++) {
      for (NewBlob blob : newBlobs.of(history.commit(commits.get(i)))) {
        bytes[i] += history.blobSize(blob.blob());
        blobs[i]++;
      }
      total += bytes[i];
    }
    return cut(commits, bytes, blobs, expectedRatio(total));
  }

  private List<CommitRange> cut(
      List<ObjectId> commits, long[] bytes, int[] blobs, double expectedRatio) {
    List<CommitRange> ranges = new ArrayList<>();
    int start = 0;
    long raw = 0;
    int count = 0;
    for (int i = 0; i < bytes.length; i++) {
      double wire = (raw + bytes[i]) * expectedRatio + (i + 1 - start) * COMMIT_BYTES;
      if (wire > targetBytes && i > start) {
        ranges.add(new CommitRange(commits.subList(start, i), raw, count));
        start = i;
        raw = 0;
        count = 0;
      }
      raw += bytes[i];
      count += blobs[i];
    }
    ranges.add(new CommitRange(commits.subList(start, commits.size()), raw, count));
    return ranges;
  }

  /**
   * How well these bytes will compress, guessed from how git packed the repository. The limits keep
   * loose objects and alternates, which are not in its packs, from leading far astray.
   */
  private double expectedRatio(long rawBytes) throws IOException {
    return rawBytes == 0 ? 1 : Math.clamp((double) packBytes() / rawBytes, 0.05, 1.0);
  }

  private long packBytes() throws IOException {
    Path folder = source.commonFolder().resolve("objects").resolve("pack");
    if (!Files.isDirectory(folder)) {
      return 0;
    }
    long sum = 0;
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".pack")).toList()) {
        sum += Files.size(file);
      }
    }
    return sum;
  }
}
