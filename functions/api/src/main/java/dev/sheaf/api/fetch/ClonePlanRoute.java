package dev.sheaf.api.fetch;

import dev.sheaf.api.access.RepoCall;
import dev.sheaf.api.http.Document;
import dev.sheaf.api.http.GatewayLimits;
import dev.sheaf.api.http.Reply;
import dev.sheaf.api.push.PresignRoute;
import dev.sheaf.repository.Refs;
import dev.sheaf.repository.Repo;
import dev.sheaf.repository.history.Bundles;
import dev.sheaf.storage.ObjectStore;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /clone-plan}: which stored bundles give a client what it wants. Their bytes come from
 * the store; no function touches them.
 *
 * <p>Of many small bundles a plan names a few that compaction has made of them, where all of them
 * are wanted.
 *
 * <p>Bundles expire, or are deleted by whoever owns the bucket, and the catalog is not told. So the
 * store is asked for those of each page (see {@link PresentBundles}) and a plan names none that is
 * gone; it says instead that it is not complete, and the client gets the whole by {@code /fetch},
 * which builds on objects. One that goes between the plan and its GET is met the same way: the
 * client asks for the plan once more.
 */
public final class ClonePlanRoute {
  /** Some 1.2 MB of URLs; also what one LIST of the store tells of. */
  private static final int BUNDLES_A_PAGE = 1_000;

  private final Refs refs;
  private final Bundles bundles;
  private final ObjectStore store;
  private final PresentBundles present;
  private final GitClonePlanRoute git;

  public ClonePlanRoute(Refs refs, Bundles bundles, ObjectStore store, GitClonePlanRoute git) {
    this.refs = refs;
    this.bundles = bundles;
    this.store = store;
    this.present = new PresentBundles(store);
    this.git = git;
  }

  /**
   * Takes {@code {want, have, after}}, where no {@code want} means every branch; answers {@code
   * {bundles: [{url, sha256, size_bytes}], complete, next}}, parents first. {@code next} is null on
   * the last page, and otherwise goes into {@code after}, with the same {@code want} and {@code
   * have}, for the next one. The first page also has {@code {branch_heads, default_branch,
   * refs_next}} as {@code GET /refs} gives them; {@code refs_next} goes into that one's {@code
   * after}. The client verifies each SHA-256, and gets single objects that are still missing from
   * /objects. For a git repository see {@link GitClonePlanRoute#answer}.
   */
  public Reply answer(RepoCall call) {
    Document document = call.request().document(GatewayLimits.DOCUMENT_BYTES);
    if (call.repo().kind() == Repo.Kind.GIT) {
      return git.answer(call, document);
    }
    WantHave wantHave = WantHave.of(document);
    String after = document.optionalText("after").orElse(null);
    Bundles.Page plan = plan(call.repo(), wantHave, after, true);
    List<Bundles.Stored> stored = present.of(call.repo(), plan.bundles());
    List<Bundles.Stored> there = stored;
    if (plan.bundles().stream().anyMatch(one -> one.isMerged() && !there.contains(one))) {
      // What a merged one that is gone was made of may be there.
      plan = plan(call.repo(), wantHave, after, false);
      stored = present.of(call.repo(), plan.bundles());
    }
    call.request().log().put("bundles", stored.size()).put("planned", plan.bundles().size());
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("bundles", stored.stream().map(bundle -> fields(call.repo(), bundle)).toList());
    fields.put("complete", stored.size() == plan.bundles().size());
    fields.put("next", plan.next());
    if (after == null) {
      putRefs(call.repo(), fields);
    }
    return Reply.ok(fields);
  }

  private Bundles.Page plan(Repo repo, WantHave wantHave, @Nullable String after, boolean merging) {
    return bundles.plan(
        repo.repoId(), wantHave.want(), wantHave.have(), after, BUNDLES_A_PAGE, merging);
  }

  private void putRefs(Repo repo, Map<String, @Nullable Object> fields) {
    Refs.Page page = refs.page(repo.repoId(), null);
    fields.put("branch_heads", page.branchHeads());
    fields.put("default_branch", repo.defaultBranch());
    fields.put("refs_next", page.next());
  }

  private Map<String, Object> fields(Repo repo, Bundles.Stored bundle) {
    String key = PresentBundles.key(repo, bundle);
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("url", store.presignGet(key, PresignRoute.LIFETIME).toString());
    fields.put("sha256", bundle.bundle().hex());
    fields.put("size_bytes", bundle.sizeBytes());
    return fields;
  }
}
