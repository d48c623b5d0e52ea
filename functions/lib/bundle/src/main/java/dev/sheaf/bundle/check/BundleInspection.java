package dev.sheaf.bundle.check;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.codec.BundleReader;
import dev.sheaf.bundle.codec.BundleSummary;
import dev.sheaf.bundle.codec.HistoryCollector;
import dev.sheaf.bundle.codec.ReceivedObject;
import dev.sheaf.bundle.history.History;
import dev.sheaf.bundle.history.Manifest;
import dev.sheaf.bundle.history.PathMap;
import dev.sheaf.bundle.history.Snapshot;
import dev.sheaf.bundle.history.SnapshotResolver;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What is in a bundle, with ids spelled as the file spells them.
 *
 * @param bundleKey {@code sha256:} and the hash of the wire bytes
 * @param sizeBytes length on the wire
 * @param commits distinct commits
 * @param snapshots distinct snapshots
 * @param objects distinct objects
 * @param branchHeads branch to commit id
 * @param manifests snapshot id to path to object id
 * @param unresolved snapshots left out of {@code manifests} because they build on one that is
 *     neither in the bundle nor known
 */
public record BundleInspection(
    String bundleKey,
    long sizeBytes,
    int commits,
    int snapshots,
    int objects,
    Map<String, String> branchHeads,
    Map<String, Map<String, String>> manifests,
    List<String> unresolved) {

  /**
   * Inspects one bundle; decodes no object.
   *
   * @param reader a reader that hashes
   * @param known the manifests that an incremental bundle may build on
   */
  public static BundleInspection of(
      BundleReader reader, InputStream in, SnapshotResolver.Known known) throws IOException {
    Spellings spellings = new Spellings();
    Contents contents = new Contents();
    BundleSummary summary = reader.withObjectIds(spellings).read(in, contents);
    ContentId sha256 = summary.sha256();
    if (sha256 == null) {
      throw new IllegalArgumentException("inspection needs a reader that hashes");
    }
    History history = contents.history();
    Manifests manifests = new Manifests(spellings);
    SnapshotResolver.resolve(history.snapshots(), known, manifests);
    return new BundleInspection(
        sha256.prefixed(),
        summary.sizeBytes(),
        history.commits().size(),
        history.snapshots().size(),
        contents.objects.size(),
        history.branchHeads(),
        manifests.byId,
        manifests.unresolved);
  }

  /**
   * The inspection as a JSON-able map: bundle_key, size_bytes, commits, snapshots, objects,
   * branch_heads and, if asked for, manifests.
   */
  public Map<String, Object> toMap(boolean withManifests) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("bundle_key", bundleKey);
    map.put("size_bytes", sizeBytes);
    map.put("commits", commits);
    map.put("snapshots", snapshots);
    map.put("objects", objects);
    map.put("branch_heads", branchHeads);
    if (withManifests) {
      map.put("manifests", manifests);
    }
    return map;
  }

  /** Keeps the history and the ids of objects. */
  private static final class Contents extends HistoryCollector {
    private final Set<ContentId> objects = new HashSet<>();

    @Override
    public void object(ReceivedObject object) throws IOException {
      objects.add(object.id());
      object.close();
    }
  }

  /** Keeps every manifest, spelled as in the file. */
  private static final class Manifests implements SnapshotResolver.Visitor {
    private final Spellings spellings;
    private final Map<String, Map<String, String>> byId = new LinkedHashMap<>();
    private final List<String> unresolved = new ArrayList<>();

    Manifests(Spellings spellings) {
      this.spellings = spellings;
    }

    @Override
    public void resolved(Snapshot snapshot, Manifest manifest) {
      PathMap.Builder<String> paths = new PathMap.Builder<>(manifest.objects().size());
      manifest.objects().forEach((path, id) -> paths.put(path, spellings.of(id)));
      byId.put(snapshot.snapshotId(), paths.build());
    }

    @Override
    public void unresolved(Snapshot snapshot, String missingId) {
      unresolved.add(snapshot.snapshotId());
    }
  }
}
