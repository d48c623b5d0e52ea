package dev.sheaf.api.fetch;

import dev.sheaf.api.access.RepoCall;
import dev.sheaf.api.http.Document;
import dev.sheaf.api.http.Reply;
import dev.sheaf.api.push.PresignRoute;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.git.GitKeys;
import dev.sheaf.git.RepoPath;
import dev.sheaf.repository.GitPacks;
import dev.sheaf.repository.GitState;
import dev.sheaf.repository.Repo;
import dev.sheaf.repository.history.Bundles;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.catalog.Catalog;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /clone-plan} of a git repository: its packs, which the client takes straight from the
 * store and proves with {@code git index-pack}.
 */
public final class GitClonePlanRoute {
  /** Some 1.2 MB of URLs. */
  private static final int A_PAGE = 1_000;

  private static final int MOST_HAVES = 20_000;

  /** Before the position in the list of bundles; one in the list of packs has nothing before it. */
  private static final String OF_BUNDLES = "b";

  private final Catalog catalog;
  private final ObjectStore store;

  public GitClonePlanRoute(Catalog catalog, ObjectStore store) {
    this.catalog = catalog;
    this.store = store;
  }

  /**
   * Takes {@code {have_packs: [sha256], after}}, answers {@code {kind, sequence, packs: [{sha256,
   * size_bytes, objects, url}], bundles: [{sha256, size_bytes, url}], next}}. {@code bundles} are
   * uploads whose refs have moved and that no job has proven yet, in the order in which they build
   * on one another and on the packs. Packs and bundles that the client names are left out. {@code
   * next} is null on the last page, and otherwise goes into {@code after} for the next one.
   */
  Reply answer(RepoCall call, Document document) {
    Repo repo = call.repo();
    Set<ContentId> have = new HashSet<>();
    document.texts("have_packs", MOST_HAVES).forEach(pack -> have.add(ContentId.parse(pack)));
    String after = document.optionalText("after").orElse(OF_BUNDLES + "0");
    // The bundles first: one that becomes a pack meanwhile is named twice, and not at all never.
    Bundles.Page bundles = bundles(repo, after);
    GitState state = GitState.of(catalog, repo.repoId());
    Page packs =
        bundles.next() == null
            ? packs(repo, after)
            : new Page(List.of(), OF_BUNDLES + bundles.next());
    call.request()
        .log()
        .put("packs", packs.packs().size())
        .put("bundles", bundles.bundles().size());
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("kind", Repo.Kind.GIT.column());
    fields.put("sequence", state.sequence());
    fields.put(
        "packs",
        packs.packs().stream()
            .filter(pack -> !have.contains(pack.pack()))
            .map(pack -> fields(repo, pack))
            .toList());
    fields.put(
        "bundles",
        bundles.bundles().stream()
            .filter(bundle -> !have.contains(bundle.bundle()))
            .map(bundle -> fields(repo, bundle))
            .toList());
    fields.put("next", packs.next());
    return Reply.ok(fields);
  }

  private record Page(List<GitPacks.Live> packs, @Nullable String next) {}

  private Bundles.Page bundles(Repo repo, String after) {
    return after.startsWith(OF_BUNDLES)
        ? new Bundles(catalog)
            .unproven(repo.repoId(), Long.toString(position(after.substring(1))), A_PAGE)
        : new Bundles.Page(List.of(), null);
  }

  private Page packs(Repo repo, String after) {
    long from = position(after);
    List<GitPacks.Live> packs = new GitPacks(catalog, repo.repoId()).live();
    List<GitPacks.Live> page = packs.stream().skip(from).limit(A_PAGE).toList();
    long next = from + page.size();
    return new Page(page, next < packs.size() ? Long.toString(next) : null);
  }

  private static long position(String after) {
    return after.matches("[0-9]{1,18}") ? Long.parseLong(after) : 0;
  }

  private Map<String, @Nullable Object> fields(Repo repo, GitPacks.Live pack) {
    RepoPath path = new RepoPath(repo.owner(), repo.name());
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("sha256", pack.pack().hex());
    fields.put("size_bytes", pack.sizeBytes());
    fields.put("objects", pack.objects());
    fields.put("url", url(GitKeys.key(path, pack.pack(), GitKeys.Part.PACK)));
    return fields;
  }

  private Map<String, @Nullable Object> fields(Repo repo, Bundles.Stored bundle) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("sha256", bundle.bundle().hex());
    fields.put("size_bytes", bundle.sizeBytes());
    fields.put("url", url(ObjectKeys.bundle(repo.owner(), repo.name(), bundle.bundle())));
    return fields;
  }

  private String url(String key) {
    return store.presignGet(key, PresignRoute.LIFETIME).toString();
  }
}
