package dev.sheaf.api.fetch;

import dev.sheaf.api.access.RepoCall;
import dev.sheaf.api.http.GatewayLimits;
import dev.sheaf.api.http.HttpFailure;
import dev.sheaf.api.http.Reply;
import dev.sheaf.api.push.PresignRoute;
import dev.sheaf.bundle.BytesContent;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.history.IdDialect;
import dev.sheaf.repository.Packs;
import dev.sheaf.repository.Refs;
import dev.sheaf.repository.history.Ancestry;
import dev.sheaf.repository.history.Commits;
import dev.sheaf.repository.history.RepositoryObjects;
import dev.sheaf.repository.history.RepositoryObjects.Location;
import dev.sheaf.repository.history.Snapshots;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.catalog.Catalog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * {@code POST /fetch}: commits, snapshots and objects that a client wants and does not have, as a
 * bundle: inline up to 4 MiB, else, when the client sends {@code Sheaf-Pack: url}, as the URL of a
 * prepared pack. Of the refs it has as many as a page of {@code GET /refs}. Works on what a push
 * has just brought as well, before any worker ran.
 */
public final class FetchRoute {
  /** Keeps the history of a pack within a function's memory. */
  private static final long PACK_HISTORY_BYTES = 96 << 20;

  /** When to ask again for what a worker is about to read. */
  private static final int INDEX_SECONDS = 2;

  private final Refs refs;
  private final Commits commits;
  private final HistorySelector selector;
  private final Contents contents;
  private final InlineWriter inline;
  private final PreparedPacks packs;
  private final ObjectStore store;
  private final Path spoolParent;

  /**
   * @param spoolParent where temporary files go
   */
  public FetchRoute(Catalog catalog, ObjectStore store, InstantSource clock, Path spoolParent) {
    this.commits = new Commits(catalog);
    this.refs = new Refs(catalog);
    this.selector = new HistorySelector(new Ancestry(catalog), commits, new Snapshots(catalog));
    this.contents = new Contents(new RepositoryObjects(catalog, store));
    this.inline = new InlineWriter(contents, spoolParent);
    this.packs = new PreparedPacks(store, new Packs(catalog), commits, clock);
    this.store = store;
    this.spoolParent = spoolParent;
  }

  /** Takes {@code {want, have}}; answers a bundle, or {@code {pack_url, size_bytes, sha256}}. */
  public Reply answer(RepoCall call) {
    WantHave wantHave = WantHave.of(call.request().document(GatewayLimits.DOCUMENT_BYTES));
    Refs.Page view = refs.page(call.repo().repoId(), null);
    IdDialect dialect =
        RepoCall.dialectOf(wantHave.want().isEmpty() ? "" : wantHave.want().getFirst());
    try {
      return call.request().header("Sheaf-Pack").filter("url"::equalsIgnoreCase).isPresent()
          ? packOrInline(call, wantHave, view, dialect)
          : inlineOnly(call, wantHave, view, dialect);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Reply inlineOnly(RepoCall call, WantHave wantHave, Refs.Page view, IdDialect dialect)
      throws IOException {
    HistoryBudget budget = budget(false);
    Selection selection = selector.select(call.repo().repoId(), wantHave, budget);
    requireIndexed(call, wantHave, selection);
    List<Location> locations = locate(call, selection, budget);
    return inline
        .write(Histories.whole(selection, view), locations, dialect)
        .map(Reply::packed)
        .orElseThrow(() -> HistoryBudget.tooLargeInline(GatewayLimits.INLINE_BYTES));
  }

  private Reply packOrInline(RepoCall call, WantHave wantHave, Refs.Page view, IdDialect dialect)
      throws IOException {
    ContentId fingerprint = packs.fingerprint(call.repo(), wantHave, view, dialect);
    Optional<Packs.Pack> prepared = packs.find(call.repo(), fingerprint);
    call.request().log().put("pack_reused", prepared.isPresent());
    if (prepared.isPresent()) {
      return packReply(prepared.get(), view);
    }
    HistoryBudget budget = budget(true);
    Selection selection = selector.select(call.repo().repoId(), wantHave, budget);
    requireIndexed(call, wantHave, selection);
    List<Location> locations = locate(call, selection, budget);
    if (budget.fitsInline()) {
      Optional<BytesContent> bundle =
          inline.write(Histories.whole(selection, view), locations, dialect);
      if (bundle.isPresent()) {
        return Reply.packed(bundle.get());
      }
    }
    return packReply(pack(call, fingerprint, selection, locations, view, dialect), view);
  }

  /**
   * Ids that nobody knows count for nothing, but the head of a branch is no such id: its bundle is
   * still to be read, and an answer without it would look like an empty repository.
   */
  private void requireIndexed(RepoCall call, WantHave wantHave, Selection selection) {
    Set<String> unknown = new HashSet<>(wantHave.want());
    selection.commits().forEach(commit -> unknown.remove(commit.commitId()));
    if (!unknown.isEmpty()) {
      unknown.removeAll(commits.known(call.repo().repoId(), unknown));
    }
    Set<String> heads = refs.headed(call.repo().repoId(), unknown);
    if (!heads.isEmpty()) {
      throw HttpFailure.busy(
          "commit "
              + heads.iterator().next()
              + " heads a branch, but no worker has read the bundle that brings it yet; try again"
              + " soon (GET /jobs says how it stands), or POST the same to /clone-plan",
          INDEX_SECONDS);
    }
  }

  private Packs.Pack pack(
      RepoCall call,
      ContentId fingerprint,
      Selection selection,
      List<Location> locations,
      Refs.Page view,
      IdDialect dialect)
      throws IOException {
    locations.forEach(FetchRoute::requirePackable);
    try (SpoolDirectory spool = SpoolDirectory.below(spoolParent)) {
      PackWriter.Written written =
          new PackWriter(contents)
              .write(Histories.compact(selection, view), locations, dialect, spool);
      call.request().log().put("pack_bytes", written.file().size());
      return packs.keep(call.repo(), fingerprint, written);
    }
  }

  private List<Location> locate(RepoCall call, Selection selection, HistoryBudget budget) {
    List<Location> locations = contents.locate(call.repo().repoId(), selection.objects());
    locations.forEach(location -> budget.addContents(location.sizeBytes()));
    call.request()
        .log()
        .put("commits", selection.commits().size())
        .put("objects", selection.objects().size());
    return locations;
  }

  private Reply packReply(Packs.Pack pack, Refs.Page view) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put(
        "pack_url",
        store.presignGet(ObjectKeys.pack(pack.pack()), PresignRoute.LIFETIME).toString());
    fields.put("size_bytes", pack.sizeBytes());
    fields.put("sha256", pack.pack().hex());
    fields.put("branch_heads", view.branchHeads());
    if (view.next() != null) {
      fields.put("refs_next", view.next());
    }
    return Reply.ok(fields).with("Sheaf-Pack", "url");
  }

  private static HistoryBudget budget(boolean packWanted) {
    return new HistoryBudget(GatewayLimits.INLINE_BYTES, PACK_HISTORY_BYTES, packWanted);
  }

  private static void requirePackable(Location location) {
    if (location.sizeBytes() > PackWriter.MAX_OBJECT_BYTES) {
      throw HttpFailure.tooLarge(
          "object "
              + location.id().prefixed()
              + " has "
              + location.sizeBytes()
              + " bytes, more than a pack takes; POST the same to /clone-plan and read the bundles"
              + " from the store");
    }
  }
}
