package dev.sheaf.repository;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.testing.ExplainingCatalog;
import dev.sheaf.testing.InMemoryObjectStore;
import org.junit.jupiter.api.Test;

class StoredBlobsTest extends CatalogTest {
  /** A peer asks by it, and knows no repository. */
  @Test
  void aBundleIsFoundByItsNameAmongMany() {
    catalog.execute(
        Statement.of(
            """
            insert into bundles (repo_id, bundle, size_bytes, state)
            select 'repo-' || n % 10, encode(sha256(n::text::bytea), 'hex'), 1, 'awaited'
            from generate_series(1, 20000) n
            """));
    catalog.execute(Statement.of("analyze bundles"));
    ExplainingCatalog explaining = new ExplainingCatalog(catalog);
    assertThat(new StoredBlobs(explaining, new InMemoryObjectStore()).find(id("any"))).isEmpty();
    assertThat(explaining.plans())
        .isNotEmpty()
        .allSatisfy(plan ->
            assertThat(plan).contains("bundles_by_content").doesNotContain("Seq Scan on bundles"));
  }
}
