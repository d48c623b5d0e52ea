package dev.sheaf.api.browse;

import dev.sheaf.api.access.RepoCall;
import dev.sheaf.api.http.HttpFailure;
import dev.sheaf.api.http.Reply;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.history.Commit;
import dev.sheaf.bundle.history.IdDialect;
import dev.sheaf.bundle.history.Manifest;
import dev.sheaf.repository.Refs;
import dev.sheaf.repository.Repo;
import dev.sheaf.repository.history.Commits;
import dev.sheaf.repository.history.RepositoryObjects;
import dev.sheaf.repository.history.RepositoryObjects.Location;
import dev.sheaf.repository.history.Snapshots;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** {@code GET /tree/{commit}?path=}: one directory, or one file's entry, of a commit. */
public final class TreeRoute {
  private final Refs refs;
  private final Commits commits;
  private final Snapshots snapshots;
  private final RepositoryObjects objects;
  private final Supplier<GitBrowseRoutes> git;

  /**
   * @param git answers for git repositories
   */
  public TreeRoute(
      Refs refs,
      Commits commits,
      Snapshots snapshots,
      RepositoryObjects objects,
      Supplier<GitBrowseRoutes> git) {
    this.refs = refs;
    this.commits = commits;
    this.snapshots = snapshots;
    this.objects = objects;
    this.git = git;
  }

  /**
   * Answers {@code {commit_id, snapshot_id, path, type}} with the {@code entries} of a directory,
   * or {@code object_id} and {@code size_bytes} of a file. A branch's name may stand for its head.
   */
  public Reply answer(RepoCall call) {
    if (call.repo().kind() == Repo.Kind.GIT) {
      return git.get().tree(call);
    }
    Commit commit = commit(call);
    String path = trim(call.request().queryText("path").orElse(""));
    Manifest manifest = manifest(call, commit);
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("commit_id", commit.commitId());
    fields.put("snapshot_id", commit.snapshotId());
    Optional<Directory.Entry> file = Directory.fileAt(manifest, path);
    if (file.isPresent()) {
      fields.putAll(entries(call, commit, List.of(file.get())).getFirst());
    } else {
      Directory directory =
          Directory.at(manifest, path).orElseThrow(() -> noPath(call, commit, path));
      fields.put("path", path);
      fields.put("type", "directory");
      fields.put("entries", entries(call, commit, List.copyOf(directory.entries().values())));
    }
    return Reply.ok(fields);
  }

  private Commit commit(RepoCall call) {
    String name = call.hole("commit");
    String repoId = call.repo().repoId();
    return commits
        .find(repoId, name)
        .or(() -> refs.head(repoId, name).flatMap(head -> commits.find(repoId, head)))
        .orElseThrow(() ->
            HttpFailure.notFound(
                "commit_not_found",
                "commit "
                    + name
                    + " not found in "
                    + call.repoName()
                    + "; if it was pushed just now, a worker may still have to read its bundle:"
                    + " GET /jobs says"));
  }

  private Manifest manifest(RepoCall call, Commit commit) {
    return commit.snapshotId() == null
        ? Manifest.EMPTY
        : snapshots.manifest(call.repo().repoId(), commit.snapshotId()).orElse(Manifest.EMPTY);
  }

  private List<Map<String, @Nullable Object>> entries(
      RepoCall call, Commit commit, List<Directory.Entry> entries) {
    List<ContentId> ids =
        entries.stream().map(Directory.Entry::object).filter(Objects::nonNull).distinct().toList();
    Map<ContentId, Location> locations =
        ids.isEmpty() ? Map.of() : objects.locate(call.repo().repoId(), ids);
    IdDialect dialect = RepoCall.dialectOf(commit.commitId());
    List<Map<String, @Nullable Object>> list = new ArrayList<>();
    for (Directory.Entry entry : entries) {
      list.add(fields(entry, dialect, locations));
    }
    return list;
  }

  private static Map<String, @Nullable Object> fields(
      Directory.Entry entry, IdDialect dialect, Map<ContentId, Location> locations) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("path", entry.path());
    fields.put("type", entry.object() == null ? "directory" : "file");
    if (entry.object() != null) {
      fields.put("object_id", dialect.write(entry.object()));
      Location location = locations.get(entry.object());
      fields.put("size_bytes", location == null ? null : location.sizeBytes());
    }
    return fields;
  }

  private static String trim(String path) {
    int from = 0;
    int to = path.length();
    while (from < to && path.charAt(from) == '/') {
      from++;
    }
    while (to > from && path.charAt(to - 1) == '/') {
      to--;
    }
    return path.substring(from, to);
  }

  private static HttpFailure noPath(RepoCall call, Commit commit, String path) {
    return HttpFailure.notFound(
        "path_not_found",
        "'" + path + "' not found in commit " + commit.commitId() + " of " + call.repoName());
  }
}
