package dev.sheaf.api.access;

import dev.sheaf.api.http.Document;
import dev.sheaf.api.http.Reply;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.repository.Deletions;
import dev.sheaf.repository.PublicRepos;
import dev.sheaf.repository.Repo;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** {@code POST /deletion}: whether a repository is there at all. */
public final class DeletionRoute {
  private static final int MAX_BODY = 1 << 10;

  private final Deletions deletions;
  private final PublicRepos publicRepos;
  private final InstantSource clock;
  private final Consumer<String> writeDown;

  /**
   * @param writeDown told of a repository after a change that only the catalog knows
   */
  public DeletionRoute(
      Deletions deletions,
      PublicRepos publicRepos,
      InstantSource clock,
      Consumer<String> writeDown) {
    this.deletions = deletions;
    this.publicRepos = publicRepos;
    this.clock = clock;
    this.writeDown = writeDown;
  }

  /**
   * Takes {@code {deleted, name}}: true hides the repository, and its bytes go two weeks later;
   * false takes that back as long as it can be. The name is {@code owner/repo} once more, so that
   * no slip of a URL deletes anything. Answers {@code {repo_id, deleted_at, bytes_until}}, the
   * times null for one that is there.
   */
  public Reply answer(RepoCall call) {
    Document fields = call.request().document(MAX_BODY);
    boolean isDeleted = fields.requiredFlag("deleted");
    Repo repo = call.repo();
    String place = repo.path();
    if (!fields.text("name").equals(place)) {
      throw new SheafException(
          ErrorKind.INVALID, "'name' is not " + place + ", which this would delete");
    }
    Deletions.Deletion left = isDeleted ? delete(repo) : undo(repo);
    writeDown.accept(repo.repoId());
    Map<String, @Nullable Object> reply = new LinkedHashMap<>();
    reply.put("repo_id", repo.repoId());
    reply.put("deleted_at", text(left.deletedAt()));
    reply.put("bytes_until", text(left.bytesUntil()));
    return Reply.ok(reply);
  }

  // In this order the list of public repositories never lacks what the catalog has, whichever step
  // fails.
  private Deletions.Deletion delete(Repo repo) {
    Deletions.Deletion left = deletions.delete(repo.repoId(), clock.instant());
    publicRepos.remove(repo);
    return left;
  }

  private Deletions.Deletion undo(Repo repo) {
    if (repo.isPublic()) {
      publicRepos.add(repo);
    }
    return deletions.undo(repo.repoId(), clock.instant());
  }

  private static @Nullable String text(@Nullable Instant instant) {
    return instant == null ? null : instant.toString();
  }
}
