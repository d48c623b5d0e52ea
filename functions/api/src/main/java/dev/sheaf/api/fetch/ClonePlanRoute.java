package dev.sheaf.api.fetch;

import dev.sheaf.api.access.RepoCall;
import dev.sheaf.api.http.GatewayLimits;
import dev.sheaf.api.http.Reply;
import dev.sheaf.api.push.PresignRoute;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.repository.Bundles;
import dev.sheaf.repository.Refs;
import dev.sheaf.repository.Repo;
import dev.sheaf.storage.ObjectStore;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /clone-plan}: which stored bundles give a client what it wants. Their bytes come from
 * the store; no function touches them.
 */
public final class ClonePlanRoute {
  private final Refs refs;
  private final Bundles bundles;
  private final ObjectStore store;

  public ClonePlanRoute(Refs refs, Bundles bundles, ObjectStore store) {
    this.refs = refs;
    this.bundles = bundles;
    this.store = store;
  }

  /**
   * Takes {@code {want, have}}, where no {@code want} means every branch; answers {@code {bundles:
   * [{url, sha256, size_bytes}], branch_heads, default_branch, git}}, oldest first. The client
   * verifies each SHA-256, and gets single objects that are still missing from /objects.
   */
  public Reply answer(RepoCall call) {
    WantHave wantHave = WantHave.of(call.request().document(GatewayLimits.DOCUMENT_BYTES));
    Refs.View view = refs.read(call.repo());
    Collection<String> want =
        wantHave.want().isEmpty() ? view.branchHeads().values() : wantHave.want();
    List<Bundles.Stored> plan = bundles.plan(call.repo().repoId(), want, wantHave.have());
    call.request().log().put("bundles", plan.size());
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("bundles", plan.stream().map(bundle -> fields(call.repo(), bundle)).toList());
    fields.put("branch_heads", view.branchHeads());
    fields.put("default_branch", view.defaultBranch());
    fields.put("git", view.git() == null ? null : view.git().toMap());
    return Reply.ok(fields);
  }

  private Map<String, Object> fields(Repo repo, Bundles.Stored bundle) {
    String key = ObjectKeys.bundle(repo.owner(), repo.name(), bundle.bundle());
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("url", store.presignGet(key, PresignRoute.LIFETIME).toString());
    fields.put("sha256", bundle.bundle().hex());
    fields.put("size_bytes", bundle.sizeBytes());
    return fields;
  }
}
