package dev.sheaf.api.browse;

import dev.sheaf.api.access.RepoCall;
import dev.sheaf.api.http.HttpFailure;
import dev.sheaf.api.http.Reply;
import dev.sheaf.bundle.history.Commit;
import dev.sheaf.repository.Refs;
import dev.sheaf.repository.Repo;
import dev.sheaf.repository.history.Ancestry;
import dev.sheaf.repository.history.CommitSet;
import dev.sheaf.repository.history.Commits;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** {@code GET /commits?branch=&limit=&before=}: a log, newest first. */
public final class CommitsRoute {
  private static final int DEFAULT_LIMIT = 50;
  private static final int MAX_LIMIT = 500;
  private static final int MAX_SUBJECT = 200;

  private final Refs refs;
  private final Ancestry ancestry;
  private final Commits commits;
  private final Supplier<GitBrowseRoutes> git;

  /**
   * @param git answers for git repositories
   */
  public CommitsRoute(
      Refs refs, Ancestry ancestry, Commits commits, Supplier<GitBrowseRoutes> git) {
    this.refs = refs;
    this.ancestry = ancestry;
    this.commits = commits;
    this.git = git;
  }

  /**
   * Answers {@code {branch, head, commits, next}}; {@code next} goes into {@code before} for the
   * page after this one and is null on the last. A head whose bundle no worker has read yet has no
   * commits.
   */
  public Reply answer(RepoCall call) {
    if (call.repo().kind() == Repo.Kind.GIT) {
      return git.get().commits(call);
    }
    int limit = call.request().queryCount("limit", DEFAULT_LIMIT, MAX_LIMIT);
    String branch = branch(call);
    String head = head(call, branch);
    CommitSet newest = newest(call, head, limit + 1);
    // One more than is shown tells whether there is another page.
    List<Commit> oldestFirst = new ArrayList<>();
    commits.read(call.repo().repoId(), newest, oldestFirst::add);
    List<Commit> found = oldestFirst.reversed();
    List<Commit> page = found.subList(0, Math.min(limit, found.size()));
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("branch", branch);
    fields.put("head", head);
    fields.put("commits", page.stream().map(CommitsRoute::fields).toList());
    fields.put("next", found.size() > limit ? page.getLast().commitId() : null);
    return Reply.ok(fields);
  }

  private static String branch(RepoCall call) {
    return call.request()
        .queryText("branch")
        .or(() -> Optional.ofNullable(call.repo().defaultBranch()))
        .orElseThrow(() ->
            HttpFailure.notFound(
                "branch_not_found",
                call.repoName() + " has no branch yet; push one, then ask again"));
  }

  private String head(RepoCall call, String branch) {
    return refs.head(call.repo().repoId(), branch)
        .orElseThrow(() ->
            HttpFailure.notFound(
                "branch_not_found",
                "branch '"
                    + branch
                    + "' not found in "
                    + call.repoName()
                    + "; GET /refs lists them"));
  }

  private CommitSet newest(RepoCall call, String head, int count) {
    String repoId = call.repo().repoId();
    Optional<String> before = call.request().queryText("before");
    if (before.isEmpty()) {
      return ancestry.newest(repoId, List.of(head), count);
    }
    CommitSet end = ancestry.newest(repoId, List.of(before.get()), 1);
    if (end.isEmpty()) {
      throw HttpFailure.notFound(
          "commit_not_found", "commit " + before.get() + " not found in " + call.repoName());
    }
    // Not what is reachable from that commit alone: the side branches of merges go on as well.
    int last = end.seqs().max().getAsInt();
    CommitSet all = ancestry.missing(repoId, List.of(head), List.of());
    return CommitSet.of(all.seqs().filter(seq -> seq < last)).newest(count);
  }

  private static Map<String, @Nullable Object> fields(Commit commit) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("commit_id", commit.commitId());
    fields.put("snapshot_id", commit.snapshotId());
    fields.put("parent_ids", commit.parentIds());
    fields.put("author", commit.author());
    fields.put("committed_at", commit.committedAt());
    fields.put("subject", subject(commit.message()));
    fields.put("branch", commit.branch());
    return fields;
  }

  /** The first line, cut where people stop reading. */
  private static String subject(String message) {
    String line = message.lines().findFirst().orElse("");
    return line.codePointCount(0, line.length()) <= MAX_SUBJECT
        ? line
        : line.substring(0, line.offsetByCodePoints(0, MAX_SUBJECT)) + "...";
  }
}
