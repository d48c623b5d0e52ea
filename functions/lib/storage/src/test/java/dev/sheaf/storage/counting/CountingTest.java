package dev.sheaf.storage.counting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.Content;
import dev.sheaf.localstack.servers.LocalServers;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.ObjectStore.Condition;
import dev.sheaf.storage.ObjectStore.Read;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.storage.wiring.Site;
import java.io.IOException;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CountingTest {
  private final RequestCounts counts = new RequestCounts();

  @Test
  void countsTheRequestsOfAStore() throws IOException {
    ObjectStore store =
        new CountingObjectStore(Site.from(LocalServers.shared().newSite()).objects(), counts);
    store.requireBucket();
    store.put("a", Content.of(new byte[100]), null, Condition.ALWAYS, "x/y");
    store.get("none", Read.WHOLE);
    try (ObjectStore.Download a = store.get("a", Read.range(10, 5)).orElseThrow()) {
      a.body().readAllBytes();
    }
    store.head("a");
    store.list("", null, null);
    store.delete(IntStream.range(0, 1_001).mapToObj(Integer::toString).toList());
    assertThat(counts.asMap())
        .isEqualTo(
            Map.of("s3_put", 1L, "s3_get", 2L, "s3_head", 2L, "s3_list", 1L, "s3_delete", 2L));
    assertThat(counts.bytesSent()).isEqualTo(100);
    assertThat(counts.bytesReceived()).isEqualTo(5);
    assertThat(counts.catalog()).isZero();
  }

  @Test
  void countsTheRequestsOfACatalog() throws IOException {
    Site site = Site.from(LocalServers.shared().newSite());
    Catalog catalog = new CountingCatalog(site.catalog(), counts);
    catalog.execute(Statement.of("select 1"));
    catalog.transaction(transaction -> transaction.execute(Statement.of("select 1")));
    assertThatThrownBy(() -> catalog.transaction(tx -> tx.execute(Statement.of("nonsense"))));
    assertThat(counts.asMap())
        .isEqualTo(
            Map.of(
                "catalog_statement", 3L,
                "catalog_begin", 2L,
                "catalog_commit", 1L,
                "catalog_rollback", 1L));
    assertThat(counts.catalog()).isEqualTo(7);
  }
}
