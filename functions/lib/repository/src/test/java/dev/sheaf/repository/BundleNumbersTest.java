package dev.sheaf.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.repository.inventory.Inventory;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.testing.ExplainingCatalog;
import org.junit.jupiter.api.Test;

/** A bundle has its number when its bytes are here; what peers told of waits without one. */
class BundleNumbersTest extends CatalogTest {
  @Test
  void theNumberedAreFoundAmongManyThatAreAwaited() {
    bundles("repo", "'awaited'", "null", 1, 20_000);
    bundles("repo", "'indexed'", "n", 20_001, 20_300);
    catalog.execute(Statement.of("analyze bundles"));
    ExplainingCatalog explaining = new ExplainingCatalog(catalog);
    Inventory.Holder holder = new Inventory.Holder("repo", "o", "n", id("any"), NOW);
    assertThat(new Inventory(explaining).bundlesOf(holder)).hasSize(300);
    assertThat(explaining.plans())
        .isNotEmpty()
        .allSatisfy(plan ->
            assertThat(plan).contains("bundles_numbered").doesNotContain("Seq Scan on bundles"));
  }

  @Test
  void twoOfOneRepositoryHaveNotOneNumber() {
    bundles("twice", "'indexed'", "7", 1, 1);
    assertThatThrownBy(() -> bundles("twice", "'indexed'", "7", 2, 2))
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CONFLICT));
  }

  private void bundles(String repo, String state, String seq, int first, int last) {
    catalog.execute(
        Statement.of(
                """
                insert into bundles (repo_id, bundle, seq, size_bytes, state)
                select :repo, encode(sha256(n::text::bytea), 'hex'), %s, 1, %s
                from generate_series(:first::bigint, :last::bigint) n
                """
                    .formatted(seq, state))
            .text("repo", repo)
            .number("first", first)
            .number("last", last));
  }
}
