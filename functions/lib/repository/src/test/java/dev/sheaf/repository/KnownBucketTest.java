package dev.sheaf.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.localstack.servers.LocalServers;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.storage.counting.CountingObjectStore;
import dev.sheaf.storage.counting.RequestCounts;
import dev.sheaf.storage.counting.RequestKind;
import dev.sheaf.storage.wiring.Site;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A catalog that lacks what its bucket has makes no repository. */
class KnownBucketTest {
  private final RequestCounts counts = new RequestCounts();

  @SuppressWarnings("NullAway.Init")
  private Catalog catalog;

  @SuppressWarnings("NullAway.Init")
  private ObjectStore store;

  @BeforeEach
  void start() {
    Site site = Site.from(LocalServers.shared().newSite());
    catalog = site.catalog();
    store = new CountingObjectStore(site.objects(), counts);
    CatalogSchema.migrations().apply(catalog);
  }

  private Repo make(String name) {
    return new Repos(catalog, SiteLog.OFF, new KnownBucket(catalog, () -> store))
        .findOrCreate("me", name, "id of " + name, Instant.EPOCH);
  }

  private void write(String key) {
    store.put(key, Content.of(new byte[1]), null, ObjectStore.Condition.ALWAYS, "text/plain");
  }

  @Test
  void anEmptyBucketIsListedOnce() {
    make("one");
    make("two");
    make("one");
    assertThat(counts.count(RequestKind.S3_LIST)).isEqualTo(1);
    // What it is asked for later is in the catalog already.
    write(ObjectKeys.record("you", "later"));
    assertThat(make("three").repoId()).isEqualTo("id of three");
    assertThat(counts.count(RequestKind.S3_LIST)).isEqualTo(1);
  }

  @Test
  void whatTheBucketHasAndTheCatalogLacksComesFirst() {
    write(ObjectKeys.record("you", "was-here"));
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> make("one"))
          .isInstanceOfSatisfying(
              SheafException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.SITE))
          .hasMessageContainingAll("repos/you/was-here.json", "sheaf rebuild");
    }
    assertThat(new Repos(catalog).findShown("me", "one")).isEmpty();
    KnownBucket.isRead(catalog);
    assertThat(make("one").repoId()).isEqualTo("id of one");
  }

  @Test
  void whatPeersHaveToldOfIsKnown() {
    new Repos(catalog).findOrCreate("you", "told", "id", Instant.EPOCH);
    catalog.execute(Statement.of("update known_bucket set is_known = false"));
    write(ObjectKeys.record("you", "told"));
    write(ObjectKeys.RECORDS + "what somebody else put there");
    assertThat(make("one").repoId()).isEqualTo("id of one");
  }
}
