package dev.sheaf.api;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.history.IdDialect;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.bundle.history.Manifest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A repository as the muse client keeps it: bare ids, whole manifests, every key of a commit. */
final class MuseHistory {
  static final String NOON = "2026-11-21T12:00:00.123456+00:00";

  private final Map<String, Map<String, @Nullable Object>> commits = new LinkedHashMap<>();
  private final Map<String, Map<String, @Nullable Object>> snapshots = new LinkedHashMap<>();
  private final Map<String, byte[]> objects = new TreeMap<>();

  /** Adds a commit of text files; returns its id. */
  String commit(List<String> parents, Map<String, String> files) {
    Map<String, byte[]> contents = new TreeMap<>();
    files.forEach((path, text) -> contents.put(path, text.getBytes(StandardCharsets.UTF_8)));
    return commit(parents, contents, "message", NOON);
  }

  /** Adds a commit; returns its id, which follows from everything but the author. */
  String commit(
      List<String> parents, Map<String, byte[]> files, String message, String committedAt) {
    Map<String, ContentId> manifest = new TreeMap<>();
    Map<String, String> texts = new TreeMap<>();
    files.forEach((path, bytes) -> {
      ContentId id = Ids.object(bytes);
      manifest.put(path, id);
      texts.put(path, id.hex());
      objects.put(id.hex(), bytes);
    });
    String snapshotId = Ids.snapshot(new Manifest(manifest), IdDialect.BARE);
    snapshots.put(
        snapshotId,
        new LinkedHashMap<>(
            Map.of("snapshot_id", snapshotId, "manifest", texts, "created_at", NOON)));
    String id = Ids.commit(parents, snapshotId, message, committedAt, IdDialect.BARE);
    Map<String, @Nullable Object> commit = new LinkedHashMap<>();
    commit.put("commit_id", id);
    commit.put("repo_id", "0f1fdbf3-2644-4424-b8bf-d77b70305f44");
    commit.put("branch", "main");
    commit.put("snapshot_id", snapshotId);
    commit.put("message", message);
    commit.put("committed_at", committedAt);
    commit.put("parent_commit_id", parents.isEmpty() ? null : parents.getFirst());
    commit.put("parent2_commit_id", parents.size() < 2 ? null : parents.get(1));
    commit.put("author", "");
    commit.put("metadata", Map.of());
    commit.put("structured_delta", null);
    commit.put("sem_ver_bump", "none");
    commit.put("breaking_changes", List.of());
    commit.put("format_version", 5);
    commit.put("reviewed_by", List.of());
    commit.put("test_runs", 0);
    commits.put(id, commit);
    return id;
  }

  /** A commit's record, to be changed. */
  Map<String, @Nullable Object> record(String commitId) {
    return commits.getOrDefault(commitId, Map.of());
  }

  byte[] content(String objectId) {
    return objects.getOrDefault(objectId, new byte[0]);
  }

  /** What the client sends of a commit's history to a server that has some others. */
  Pack pack(String head, Collection<String> have) {
    Set<String> seen = new HashSet<>(have);
    Deque<String> open = new ArrayDeque<>(List.of(head));
    List<Map<String, @Nullable Object>> newestFirst = new ArrayList<>();
    while (!open.isEmpty()) {
      Map<String, @Nullable Object> commit = commits.get(open.removeFirst());
      if (commit != null && seen.add(String.valueOf(commit.get("commit_id")))) {
        newestFirst.add(commit);
        for (String key : List.of("parent_commit_id", "parent2_commit_id")) {
          if (commit.get(key) instanceof String parent) {
            open.add(parent);
          }
        }
      }
    }
    Set<Map<String, @Nullable Object>> manifests = new LinkedHashSet<>();
    SortedSet<String> ids = new TreeSet<>();
    for (Map<String, @Nullable Object> commit : newestFirst) {
      Map<String, @Nullable Object> snapshot =
          snapshots.getOrDefault(String.valueOf(commit.get("snapshot_id")), Map.of());
      manifests.add(snapshot);
      if (snapshot.get("manifest") instanceof Map<?, ?> manifest) {
        manifest.values().forEach(id -> ids.add(String.valueOf(id)));
      }
    }
    return new Pack(newestFirst, List.copyOf(manifests), List.copyOf(ids));
  }

  /**
   * The client's pack, its objects by id.
   *
   * @param objectIds every id that the snapshots name, sorted
   */
  record Pack(
      List<Map<String, @Nullable Object>> commits,
      List<Map<String, @Nullable Object>> snapshots,
      List<String> objectIds) {}
}
