package dev.sheaf.api.browse;

import dev.sheaf.api.access.RepoCall;
import dev.sheaf.api.http.GatewayLimits;
import dev.sheaf.api.http.HttpFailure;
import dev.sheaf.api.http.Reply;
import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.RefName;
import dev.sheaf.git.read.GitLog;
import dev.sheaf.git.read.GitTree;
import dev.sheaf.repository.git.GitReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.eclipse.jgit.errors.MissingObjectException;
import org.eclipse.jgit.internal.storage.dfs.DfsRepository;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectLoader;
import org.eclipse.jgit.lib.PersonIdent;
import org.eclipse.jgit.revwalk.RevCommit;
import org.jspecify.annotations.Nullable;

/**
 * {@code GET /commits}, {@code /tree/{commit}?path=} and {@code /objects/{id}} of a git repository.
 * Ids are git's, 40 hex digits.
 */
public final class GitBrowseRoutes {
  private static final int DEFAULT_LIMIT = 50;
  private static final int MAX_LIMIT = 500;
  private static final int MAX_SUBJECT = 200;
  private static final String BYTES = "application/octet-stream";

  private final GitReader reader;

  public GitBrowseRoutes(GitReader reader) {
    this.reader = reader;
  }

  /**
   * Answers {@code {branch, head, commits: [{commit_id, tree_id, parent_ids, author, committed_at,
   * subject}], next}}, newest first by the commits' own clocks; {@code next} goes into {@code
   * before} for the page after this one.
   */
  Reply commits(RepoCall call) {
    int limit = call.request().queryCount("limit", DEFAULT_LIMIT, MAX_LIMIT);
    String branch =
        call.request()
            .queryText("branch")
            .or(() -> Optional.ofNullable(call.repo().defaultBranch()))
            .orElseThrow(() -> noBranch(call, "HEAD"));
    ObjectId head = branch(call, branch).orElseThrow(() -> noBranch(call, branch));
    Optional<ObjectId> before =
        call.request().queryText("before").map(text -> id(call, text, "commit"));
    GitLog.Page page =
        GitReader.read(() -> new GitLog(reader.open(call.repo())).page(head, before, limit))
            .orElseThrow(() -> notFound(call, "commit", before.map(ObjectId::name).orElse("")));
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("branch", branch);
    fields.put("head", head.name());
    fields.put("commits", page.commits().stream().map(GitBrowseRoutes::fields).toList());
    fields.put("next", page.next() == null ? null : page.next().name());
    return Reply.ok(fields);
  }

  private Optional<ObjectId> branch(RepoCall call, String branch) {
    byte[] name = (RefName.HEADS + branch).getBytes(StandardCharsets.UTF_8);
    return RefName.isValid(name)
        ? reader.target(call.repo(), RefName.ofBytes(name))
        : Optional.empty();
  }

  private static Map<String, @Nullable Object> fields(RevCommit commit) {
    PersonIdent author = commit.getAuthorIdent();
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("commit_id", commit.name());
    fields.put("tree_id", commit.getTree().name());
    fields.put("parent_ids", List.of(commit.getParents()).stream().map(ObjectId::name).toList());
    fields.put(
        "author",
        author == null ? "" : "%s <%s>".formatted(author.getName(), author.getEmailAddress()));
    fields.put("committed_at", Instant.ofEpochSecond(commit.getCommitTime()).toString());
    fields.put("subject", subject(commit.getShortMessage()));
    return fields;
  }

  private static String subject(String line) {
    return line.codePointCount(0, line.length()) <= MAX_SUBJECT
        ? line
        : line.substring(0, line.offsetByCodePoints(0, MAX_SUBJECT)) + "...";
  }

  /**
   * Answers {@code {commit_id, tree_id, path, type}} with the {@code entries} of a directory, each
   * with {@code path}, {@code type}, {@code mode} and {@code object_id} (or {@code commit} of a
   * submodule); what is no directory has these itself, and a file {@code size_bytes}. A branch's
   * name may stand for its head.
   */
  Reply tree(RepoCall call) {
    DfsRepository repository = reader.open(call.repo());
    RevCommit commit = commit(call, repository);
    String path = trim(call.request().queryText("path").orElse(""));
    GitTree tree = new GitTree(repository);
    GitTree.Entry entry =
        GitReader.read(() -> tree.at(commit.getTree(), path))
            .orElseThrow(() -> notFound(call, "path", path + "' of '" + commit.name()));
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("commit_id", commit.name());
    fields.put("tree_id", commit.getTree().name());
    fields.putAll(fields(entry));
    switch (entry.type()) {
      case DIRECTORY ->
          fields.put(
              "entries",
              GitReader.read(() -> tree.list(entry)).stream()
                  .map(GitBrowseRoutes::fields)
                  .toList());
      case FILE, SYMLINK ->
          fields.put("size_bytes", GitReader.read(() -> repository.open(entry.id()).getSize()));
      case SUBMODULE -> {}
    }
    return Reply.ok(fields);
  }

  private RevCommit commit(RepoCall call, DfsRepository repository) {
    String name = call.hole("commit");
    Optional<ObjectId> id =
        ObjectId.isId(name) ? Optional.of(ObjectId.fromString(name)) : branch(call, name);
    return id.flatMap(commit -> GitReader.read(() -> new GitLog(repository).find(commit)))
        .orElseThrow(() -> notFound(call, "commit", name));
  }

  private static Map<String, @Nullable Object> fields(GitTree.Entry entry) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("path", entry.path());
    fields.put("type", entry.type().name().toLowerCase(Locale.ROOT));
    fields.put("mode", entry.mode().toString());
    fields.put(entry.type() == GitTree.Type.SUBMODULE ? "commit" : "object_id", entry.id().name());
    return fields;
  }

  private static String trim(String path) {
    return path.replaceAll("^/+|/+$", "");
  }

  /**
   * Answers the bytes of an object up to 4 MiB, as git hashes them behind their header, whose type
   * is in {@code Sheaf-Object-Type}. They never change. Any object of the repository's packs is
   * given out, also what no ref reaches any more, until a fold drops it.
   */
  Reply object(RepoCall call) {
    ObjectId id = id(call, call.hole("id"), "object");
    ObjectLoader object = GitReader.read(() -> open(call, id));
    if (object.getSize() > GatewayLimits.INLINE_BYTES) {
      throw HttpFailure.tooLarge(
          "object %s has %d bytes, and an answer holds %d; POST /fetch-pack or clone the repository"
              .formatted(id.name(), object.getSize(), GatewayLimits.INLINE_BYTES));
    }
    String who = call.repo().isPublic() ? "public" : "private";
    Content content = Content.of(GitReader.read(object::getBytes));
    return Reply.raw(200, content, BYTES)
        .with("ETag", '"' + id.name() + '"')
        .with("Cache-Control", who + ", max-age=31536000, immutable")
        .with("Sheaf-Object-Type", Constants.typeString(object.getType()));
  }

  private ObjectLoader open(RepoCall call, ObjectId id) throws IOException {
    try {
      return reader.open(call.repo()).open(id);
    } catch (MissingObjectException e) {
      throw notFound(call, "object", id.name());
    }
  }

  private static ObjectId id(RepoCall call, String text, String what) {
    if (!ObjectId.isId(text)) {
      throw notFound(call, what, text);
    }
    return ObjectId.fromString(text);
  }

  private static HttpFailure noBranch(RepoCall call, String branch) {
    return HttpFailure.notFound(
        "branch_not_found",
        "branch '%s' not found in %s, or a job is still to prove it; GET /refs lists them"
            .formatted(branch, call.repoName()));
  }

  private static HttpFailure notFound(RepoCall call, String what, String name) {
    return HttpFailure.notFound(
        what + "_not_found",
        "%s '%s' not found in %s; ids of a git repository are git's, 40 hex digits"
            .formatted(what, name, call.repoName()));
  }
}
