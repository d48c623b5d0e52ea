package dev.sheaf.repository;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.localstack.servers.LocalServers;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.storage.counting.CountingCatalog;
import dev.sheaf.storage.counting.CountingObjectStore;
import dev.sheaf.storage.counting.RequestCounts;
import dev.sheaf.storage.wiring.Site;
import dev.sheaf.testing.Faults;
import dev.sheaf.testing.FaultyCatalog;
import dev.sheaf.testing.FaultyObjectStore;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The list of public repositories follows what peers tell. */
class PublicListingTest {
  private static final String SELF = "https://here.example";
  private static final String PEER = "https://there.example";

  @SuppressWarnings("NullAway.Init")
  private Catalog catalog;

  @SuppressWarnings("NullAway.Init")
  private ObjectStore store;

  @BeforeEach
  void start() throws IOException {
    Map<String, String> environment = LocalServers.shared().newSite();
    Site site = Site.from(environment);
    catalog = site.catalog();
    store = site.objects();
    CatalogSchema.migrations().apply(catalog);
    made("peers", PEER);
    made("own", SELF);
    listing();
    assertThat(list()).isEmpty();
  }

  /** As records of a peer make them. */
  private void made(String name, String home) {
    new Repos(catalog).findOrCreate("me", name, name, Instant.EPOCH);
    set("home = '" + home + "'", name);
  }

  private void set(String change, String repo) {
    catalog.execute(
        Statement.of("update repos set %s where repo_id = :repo".formatted(change))
            .text("repo", repo));
  }

  private PublicRepos publicRepos(ObjectStore through) {
    return new PublicRepos(through, () -> new Repos(catalog).publicNames(), () -> 0);
  }

  private void listing() {
    listing(catalog, store);
  }

  private void listing(Catalog asked, ObjectStore written) {
    publicRepos(written).mayHold("no", "body");
    new PublicListing(asked, SELF).bringUpToDate(publicRepos(written));
  }

  /** The names on the list. */
  private List<String> list() throws IOException {
    return lines().stream().filter(line -> line.contains("/")).toList();
  }

  private List<String> lines() throws IOException {
    try (ObjectStore.Download list =
        store.get(ObjectKeys.PUBLIC_REPOS, ObjectStore.Read.WHOLE).orElseThrow()) {
      return new String(list.body().readAllBytes(), UTF_8).lines().toList();
    }
  }

  @Test
  void whatAPeerOpensRenamesAndClosesIsOnItAndOff() throws IOException {
    set("public = true", "peers");
    listing();
    assertThat(list()).containsExactly("me/peers");
    assertThat(lines()).contains("peers");
    set("told_name = 'other', shown = 'other'", "peers");
    listing();
    // The old one stays: who asks for it is told the new one.
    assertThat(list()).containsExactly("me/other", "me/peers");
    set("public = false", "peers");
    listing();
    assertThat(list()).containsExactly("me/peers");
    assertThat(lines()).doesNotContain("peers");
    set("public = true", "peers");
    set("deleted_at = now()", "peers");
    listing();
    assertThat(list()).doesNotContain("me/other");
    set("deleted_at = null", "peers");
    listing();
    assertThat(list()).contains("me/other");
  }

  /** Its routes put it there before they change the catalog, and it must not go in between. */
  @Test
  void whatThisSiteDecidesItselfIsNotTakenOff() throws IOException {
    set("public = true", "own");
    listing();
    new Repos(catalog).setPublic("own", false, Instant.EPOCH);
    listing();
    assertThat(list()).containsExactly("me/own");
  }

  @Test
  void oneThatHasTheNameNowKeepsItOnTheList() throws IOException {
    set("public = true", "peers");
    listing();
    set("public = false, told_name = 'gone', shown = 'gone'", "peers");
    made("next", PEER);
    set("public = true, told_name = 'peers', shown = 'peers'", "next");
    listing();
    assertThat(list()).contains("me/peers");
  }

  @Test
  void nothingNewIsOneStatementAndNoRequestToTheStore() {
    set("public = true", "peers");
    listing();
    RequestCounts counts = new RequestCounts();
    new PublicListing(new CountingCatalog(catalog, counts), SELF)
        .bringUpToDate(publicRepos(new CountingObjectStore(store, counts)));
    assertThat(counts.catalog()).isEqualTo(1);
    assertThat(counts.asMap()).hasSize(1);
  }

  @Test
  void whoeverDiesLeavesItToTheNext() throws IOException {
    Faults none = Faults.none();
    set("public = true", "peers");
    listing(new FaultyCatalog(catalog, none), new FaultyObjectStore(store, none));
    for (int request = 1; request <= none.requests(); request++) {
      for (Faults.Way way : List.of(Faults.Way.FAILS_BEFORE, Faults.Way.FAILS_AFTER)) {
        set("public = false", "peers");
        listing();
        assertThat(list()).isEmpty();
        set("public = true", "peers");
        Faults faults = Faults.at(request, way);
        assertThatThrownBy(() ->
                listing(new FaultyCatalog(catalog, faults), new FaultyObjectStore(store, faults)))
            .as("%s %s", request, way)
            .isInstanceOf(SheafException.class);
        listing();
        assertThat(list()).containsExactly("me/peers");
      }
    }
  }
}
