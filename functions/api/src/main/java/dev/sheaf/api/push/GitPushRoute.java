package dev.sheaf.api.push;

import dev.sheaf.api.access.RepoCall;
import dev.sheaf.api.http.Document;
import dev.sheaf.api.http.HttpFailure;
import dev.sheaf.api.http.RefNames;
import dev.sheaf.api.http.Reply;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.RefName;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.repository.Repo;
import dev.sheaf.repository.git.GitPushes;
import dev.sheaf.repository.git.RefResult;
import dev.sheaf.repository.git.RefsRequest;
import dev.sheaf.storage.ObjectStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /push/unpack-bundle} for git: refs move, and what a small bundle brings can be read
 * at once. The refs of a large one move at once, too, and are marked until its job has proven it.
 */
public final class GitPushRoute {
  private final StoredBundles bundles;
  private final GitPushes pushes;
  private final RefusedUploads refused;
  private final LaneWakeUp wakeUp;

  public GitPushRoute(
      ObjectStore store, GitPushes pushes, RefusedUploads refused, LaneWakeUp wakeUp) {
    this.bundles = new StoredBundles(store);
    this.pushes = pushes;
    this.refused = refused;
    this.wakeUp = wakeUp;
  }

  /** Refs at fault that a brief answer names. */
  private static final int MOST_BRIEF = 1_000;

  /**
   * Takes {@code {bundle_key, updates: [{name | name_b64, old, new, force}], head: {symref |
   * detached}, atomic, brief}}; {@code bundle_id} as {@code bundle_key}; for more than a request
   * holds {@code packed_updates}, the map {@code {updates}} as msgpack in gzip (no {@code
   * Content-Encoding}: gateways unpack those themselves). {@code old} null: the ref must not exist;
   * absent: whatever it is. {@code new} null deletes it. Without {@code bundle_key} refs move to
   * what is here. No updates stand for the refs of the bundle itself, by fast-forward.
   *
   * <p>Answers {@code {ok, kind, results: [{name | name_b64, status, reason, present}], pending,
   * job_id}}: with 200, also when single refs were rejected; an atomic push of which one was, with
   * 409, and nothing was changed. With {@code brief} an atomic one is told only of refs that were
   * the reason for that, of 1,000 at most: all results of a large one fit into no answer.
   */
  Reply answer(RepoCall call, Document fields) {
    ContentId bundle = BundleKeys.optional(fields).orElse(null);
    GitAnnouncement announced =
        refused.unlessRefused(call.repo(), bundle, () -> GitAnnouncement.of(fields));
    GitPushes.Result result =
        announced.isHopeless()
            ? refused(call.repo(), bundle, announced)
            : push(call.repo(), bundle, announced.refs());
    call.request().log().put("refs", announced.refs().updates().size());
    if (result.job() != null) {
      call.request().log().put("job", result.job());
    }
    if (result.wakesLane()) {
      wakeUp.wake(call.repo().repoId());
    }
    return reply(announced, result, announced.refs().atomic() && result.isRefused());
  }

  private GitPushes.Result refused(
      Repo repo, @Nullable ContentId bundle, GitAnnouncement announced) {
    refused.note(repo, bundle, "it names refs that git does not take");
    return GitPushes.Result.refused(announced.refs());
  }

  private GitPushes.Result push(Repo repo, @Nullable ContentId bundle, RefsRequest refs) {
    try {
      return pushes.push(repo, bundle(repo, bundle), refs);
    } catch (SheafException e) {
      if (e.kind() == ErrorKind.CONFLICT) {
        throw HttpFailure.busy("other pushes were in the way, and this one changed nothing", 1);
      }
      throw e;
    }
  }

  private GitPushes.@Nullable Bundle bundle(Repo repo, @Nullable ContentId bundle) {
    if (bundle == null) {
      return null;
    }
    ObjectStore.StoredObject stored = bundles.proven(repo, bundle);
    return new GitPushes.Bundle(
        bundle, stored.size(), stored.lastModified(), () -> bundles.open(repo, bundle));
  }

  private static Reply reply(
      GitAnnouncement announced, GitPushes.Result result, boolean isConflict) {
    List<Map<String, @Nullable Object>> results = new ArrayList<>();
    result.results().forEach(ref -> results.add(fields(ref)));
    announced.badNames().forEach(name -> results.add(badName(name)));
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("ok", results.stream().noneMatch(ref -> "rejected".equals(ref.get("status"))));
    fields.put("kind", Repo.Kind.GIT.column());
    fields.put("results", announced.isBrief() ? atFault(results) : results);
    fields.put("pending", result.isPending());
    fields.put("job_id", result.job());
    return Reply.document(isConflict ? 409 : 200, fields);
  }

  private static List<Map<String, @Nullable Object>> atFault(
      List<Map<String, @Nullable Object>> results) {
    return results.stream()
        .filter(ref -> "rejected".equals(ref.get("status")))
        .filter(ref -> !RefResult.Reason.ATOMIC.text().equals(ref.get("reason")))
        .limit(MOST_BRIEF)
        .toList();
  }

  private static Map<String, @Nullable Object> fields(RefResult ref) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    RefNames.put(fields, "name", ref.name());
    fields.put("status", ref.status().text());
    if (ref.reason() != null) {
      fields.put("reason", ref.reason().text());
      fields.put("present", ref.present() == null ? null : ref.present().name());
    }
    return fields;
  }

  private static Map<String, @Nullable Object> badName(byte[] name) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("name_b64", Base64.getEncoder().encodeToString(name));
    fields.put("name_shown", RefName.shown(name));
    fields.put("status", RefResult.Status.REJECTED.text());
    fields.put("reason", RefResult.Reason.BAD_NAME.text());
    RefName.fault(name).ifPresent(fault -> fields.put("detail", fault));
    return fields;
  }
}
