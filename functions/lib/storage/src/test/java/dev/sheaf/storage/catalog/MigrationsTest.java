package dev.sheaf.storage.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.localstack.servers.LocalServers;
import dev.sheaf.storage.counting.CountingCatalog;
import dev.sheaf.storage.counting.RequestCounts;
import dev.sheaf.storage.parallel.ParallelCalls;
import dev.sheaf.storage.wiring.Site;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MigrationsTest {
  private static final Migrations ONE = Migrations.beside(MigrationsTest.class, "V001__first.sql");
  private static final Migrations TWO =
      Migrations.beside(MigrationsTest.class, "V001__first.sql", "V002__second.sql");
  private static final Migrations BROKEN =
      Migrations.beside(
          MigrationsTest.class, "V001__first.sql", "V002__second.sql", "V003__broken.sql");

  private Catalog catalog;

  @BeforeEach
  void makeCatalog() throws Exception {
    catalog = Site.from(LocalServers.shared().newSite()).catalog();
  }

  @Test
  void bringsAnEmptyDatabaseUpToDate() {
    TWO.apply(catalog);
    Rows.Row row = catalog.execute(Statement.of("select a, b from first")).first().orElseThrow();
    assertThat(row.text("a")).isEqualTo("one;two");
    assertThat(versions()).isEqualTo("1 first, 2 second");
  }

  @Test
  void addsWhatIsMissing() {
    ONE.apply(catalog);
    TWO.apply(catalog);
    assertThat(versions()).isEqualTo("1 first, 2 second");
    assertThat(catalog.execute(Statement.of("select b from first")).size()).isEqualTo(1);
  }

  @Test
  void makesOneRequestWhenNothingIsMissing() {
    TWO.apply(catalog);
    RequestCounts counts = new RequestCounts();
    TWO.apply(new CountingCatalog(catalog, counts));
    assertThat(counts.catalog()).isEqualTo(1);
  }

  @Test
  void refusesASchemaNewerThanItself() {
    TWO.apply(catalog);
    assertThatThrownBy(() -> ONE.apply(catalog))
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CORRUPT))
        .hasMessageContainingAll("version 2", "up to 1");
  }

  @Test
  void appliesEachOnceHoweverManyApplyAtOnce() {
    try (ParallelCalls<@Nullable Void> calls = new ParallelCalls<>(4)) {
      for (int i = 0; i < 4; i++) {
        calls.submit(() -> {
          TWO.apply(catalog);
          return null;
        });
      }
      calls.results();
    }
    assertThat(versions()).isEqualTo("1 first, 2 second");
    assertThat(catalog.execute(Statement.of("select a from first")).size()).isEqualTo(1);
  }

  @Test
  void leavesNothingBehindWhenOneFails() {
    TWO.apply(catalog);
    assertThatThrownBy(() -> BROKEN.apply(catalog)).isInstanceOf(SheafException.class);
    assertThat(versions()).isEqualTo("1 first, 2 second");
    assertThatThrownBy(() -> catalog.execute(Statement.of("select * from third")))
        .isInstanceOf(SheafException.class);
  }

  @Test
  void filesAreNumberedWithoutGaps() {
    assertThatThrownBy(() -> Migrations.beside(MigrationsTest.class, "V002__second.sql"))
        .hasMessageContaining("V001__name.sql");
  }

  private String versions() {
    return catalog
        .execute(
            Statement.of(
                "select string_agg(version || ' ' || name, ', ' order by version) as v"
                    + " from schema_version"))
        .first()
        .orElseThrow()
        .text("v");
  }
}
