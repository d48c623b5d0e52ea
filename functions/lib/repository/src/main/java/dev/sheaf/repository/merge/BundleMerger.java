package dev.sheaf.repository.merge;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.codec.BundleReader;
import dev.sheaf.bundle.codec.BundleSink;
import dev.sheaf.bundle.codec.BundleSummary;
import dev.sheaf.bundle.codec.BundleWriter;
import dev.sheaf.bundle.codec.ReceivedObject;
import dev.sheaf.bundle.history.Commit;
import dev.sheaf.bundle.history.History;
import dev.sheaf.bundle.history.IdDialect;
import dev.sheaf.bundle.history.Snapshot;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Writes one bundle that brings what several bring: every commit, snapshot and object once, bodies
 * copied as they travelled. Branches, tags and advisory data are left out; a plan says where
 * branches are.
 */
final class BundleMerger {
  private final BundleReader reader;
  private final Map<String, Commit> commits = new LinkedHashMap<>();
  private final Map<String, Snapshot> snapshots = new LinkedHashMap<>();
  private final Set<ContentId> objects = new HashSet<>();
  private IdDialect dialect = IdDialect.PREFIXED;

  private BundleMerger(Path temp) {
    this.reader =
        BundleReader.spoolingTo(temp)
            .withObjectIds(text -> {
              // The muse client reads the bare spelling alone, everybody else reads both.
              dialect = IdDialect.of(text);
              return ContentId.parse(text);
            });
  }

  /** A bundle in a file, and the name that its bytes are to have. */
  record Source(ContentId id, Path file) {}

  /**
   * Merges.
   *
   * @param sources parents first
   * @param into overwritten
   * @throws SheafException of kind CORRUPT when a source is not what its name says
   */
  static BundleSummary merge(List<Source> sources, Path into, Path temp) throws IOException {
    return new BundleMerger(temp).write(sources, into);
  }

  private BundleSummary write(List<Source> sources, Path into) throws IOException {
    for (Source source : sources) {
      read(source, new Collector());
    }
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(into), 1 << 16)) {
      BundleWriter writer = BundleWriter.to(out, dialect);
      writer.history(
          History.of(List.copyOf(commits.values()), List.copyOf(snapshots.values()), Map.of()),
          objects.size());
      for (Source source : sources) {
        read(source, new Copier(writer));
      }
      return writer.finish();
    }
  }

  private void read(Source source, BundleSink sink) throws IOException {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(source.file()), 1 << 16)) {
      BundleSummary read = reader.read(in, sink);
      if (!Objects.equals(source.id(), read.sha256())) {
        throw new SheafException(
            ErrorKind.CORRUPT,
            "bundle %s has other bytes in the store than its name says: %s; repair brings it back"
                .formatted(source.id().hex(), Objects.toString(read.sha256())));
      }
    }
  }

  private final class Collector implements BundleSink {
    @Override
    public void commit(Commit commit) {
      commits.putIfAbsent(commit.commitId(), commit);
    }

    @Override
    public void snapshot(Snapshot snapshot) {
      snapshots.putIfAbsent(snapshot.snapshotId(), snapshot);
    }

    @Override
    public void object(ReceivedObject object) throws IOException {
      objects.add(object.id());
      object.close();
    }
  }

  private final class Copier implements BundleSink {
    private final BundleWriter writer;

    Copier(BundleWriter writer) {
      this.writer = writer;
    }

    @Override
    public void object(ReceivedObject object) throws IOException {
      try (object) {
        if (objects.remove(object.id())) {
          writer.object(object.wire());
        }
      }
    }
  }
}
