package dev.sheaf.api.browse;

import dev.sheaf.api.access.RepoCall;
import dev.sheaf.api.http.RefNames;
import dev.sheaf.api.http.Reply;
import dev.sheaf.bundle.RefName;
import dev.sheaf.repository.GitHead;
import dev.sheaf.repository.GitRef;
import dev.sheaf.repository.GitRefTable;
import dev.sheaf.repository.GitState;
import dev.sheaf.repository.Repo;
import dev.sheaf.storage.catalog.Catalog;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code GET /refs?after=} of a git repository. Reads the catalog only. */
public final class GitRefsRoute {
  private static final byte[] BEGIN = {};

  private final Catalog catalog;

  public GitRefsRoute(Catalog catalog) {
    this.catalog = catalog;
  }

  /**
   * Answers {@code {repo_id, kind, sequence, default_branch, head: {symref | symref_b64 |
   * detached}, refs: [{name | name_b64, target, peeled, pending}], branch_heads, next}}, refs in
   * the order of their bytes. HEAD may name a branch that does not exist; it is null where nothing
   * has said what it is. {@code pending}: a job is still to prove what the ref points to. {@code
   * branch_heads} are the branches of this page. {@code next} is null on the last page, and
   * otherwise goes into {@code after} for the next one.
   */
  Reply answer(RepoCall call) {
    GitState state = GitState.of(catalog, call.repo().repoId());
    GitRefPage page = new GitRefPage();
    boolean isComplete =
        new GitRefTable(catalog, call.repo().repoId())
            .forEachWhile(
                call.request().queryText("after").map(GitRefTable::ofCursor).orElse(BEGIN),
                page::take);
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("repo_id", call.repo().repoId());
    fields.put("kind", Repo.Kind.GIT.column());
    fields.put("sequence", state.sequence());
    fields.put("default_branch", call.repo().defaultBranch());
    fields.put("head", head(state.head()));
    fields.put("refs", page.refs.stream().map(GitRefsRoute::fields).toList());
    fields.put("branch_heads", page.heads);
    fields.put("next", isComplete ? null : GitRefTable.cursor(page.refs.getLast().name()));
    return Reply.ok(fields);
  }

  private static @Nullable Map<String, @Nullable Object> head(@Nullable GitHead head) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    switch (head) {
      case null -> {
        return null;
      }
      case GitHead.Symbolic(RefName branch) -> RefNames.put(fields, "symref", branch);
      case GitHead.Detached detached -> fields.put("detached", detached.commit().name());
    }
    return fields;
  }

  private static Map<String, @Nullable Object> fields(GitRef ref) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    RefNames.put(fields, "name", ref.name());
    fields.put("target", ref.target().name());
    if (ref.peeled() != null) {
      fields.put("peeled", ref.peeled().name());
    }
    if (ref.unprovenBy() != null) {
      fields.put("pending", true);
    }
    return fields;
  }

  /** A page being filled, within what one answer of a function may hold. */
  private static final class GitRefPage {
    private static final int MAX_REFS = 10_000;
    private static final long MAX_BYTES = 2_500_000;
    private static final int BYTES_A_REF = 160;

    private final List<GitRef> refs = new ArrayList<>();
    private final Map<String, String> heads = new LinkedHashMap<>();
    private long bytes;

    /** The first ref always has room: a page without any would never end. */
    private boolean take(GitRef ref) {
      bytes += BYTES_A_REF + 3L * ref.name().toBytes().length;
      if (!refs.isEmpty() && (refs.size() == MAX_REFS || bytes > MAX_BYTES)) {
        return false;
      }
      refs.add(ref);
      ref.name().branch().ifPresent(branch -> heads.put(branch, ref.target().name()));
      return true;
    }
  }
}
