package dev.sheaf.api.mwp;

import dev.sheaf.api.access.RepoCall;
import dev.sheaf.api.http.Document;
import dev.sheaf.api.http.GatewayLimits;
import dev.sheaf.api.http.Reply;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.history.History;
import dev.sheaf.bundle.history.IdDialect;
import dev.sheaf.bundle.msgpack.PackedMap;
import dev.sheaf.repository.history.Commits;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * {@code POST /tags}: labels that the client gives to commits, any number to one. They are no refs
 * and the protocol never gives them back; they are kept as the tags of a bundle without history, so
 * that the bucket has them.
 */
public final class TagsRoute {
  private static final int MAX_TAGS = 10_000;
  private static final List<String> KEYS = List.of("tag_id", "repo_id", "commit_id", "tag");

  private final Commits commits;
  private final StreamIntake intake;

  public TagsRoute(Commits commits, StreamIntake intake) {
    this.commits = commits;
    this.intake = intake;
  }

  /**
   * Takes {@code {tags: [{tag_id, repo_id, commit_id, tag, created_at}]}}, answers {@code
   * {stored}}; 422 when a commit is not in the repository, and nothing is stored then.
   */
  public Reply answer(RepoCall call) {
    List<PackedMap> tags = new ArrayList<>();
    Set<String> tagged = new LinkedHashSet<>();
    Document fields = call.request().document(GatewayLimits.DOCUMENT_BYTES);
    for (Document tag : fields.documents("tags", MAX_TAGS)) {
      tagged.add(tag.text("commit_id"));
      tags.add(packed(tag));
    }
    requireKnown(call.repo().repoId(), tagged);
    if (!tags.isEmpty()) {
      History history = new History(List.of(), List.of(), Map.of(), tags, PackedMap.EMPTY);
      Pieces pieces = new Pieces(history, new TreeMap<>(), IdDialect.BARE);
      PushFailures.translated(() -> intake.take(call.repo(), pieces, Map.of(), false));
    }
    return Reply.ok(Map.of("stored", tags.size()));
  }

  private static PackedMap packed(Document tag) {
    Map<String, String> keys = new LinkedHashMap<>();
    KEYS.forEach(key -> keys.put(key, tag.text(key)));
    keys.put("created_at", tag.optionalText("created_at").orElse(""));
    return PackedMap.of(keys);
  }

  private void requireKnown(String repoId, Set<String> tagged) {
    Set<String> unknown = new LinkedHashSet<>(tagged);
    if (!tagged.isEmpty()) {
      unknown.removeAll(commits.known(repoId, tagged));
    }
    if (!unknown.isEmpty()) {
      throw new SheafException(
          ErrorKind.INVALID,
          "%d of the tagged commits are not in the repository, the first is %s; push them first"
              .formatted(unknown.size(), unknown.iterator().next()));
    }
  }
}
