package dev.sheaf.ops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.testing.ExplainingCatalog;
import org.junit.jupiter.api.Test;

/** A log that grew so fast that Postgres has not counted what is in it. */
class UncountedLogTest extends OpsTest {
  @Test
  void aStrangersPageIsReadInItsOrder() {
    catalog.execute(
        Statement.of(
                """
                insert into ops (position, ulid, host, action, "table", data)
                select p, p, :self, 'create', 'things', jsonb_build_array(jsonb_build_object('id', n))
                from (select n, '01KT1GW6G0' || lpad(n::text, 16, '0') as p
                  from generate_series(1, 60000) n) positions
                """)
            .text("self", SELF));
    ExplainingCatalog explaining = new ExplainingCatalog(catalog);
    new SweepServer(explaining, SELF).forAnyone("01KT1GW6G0" + "0".repeat(16));
    assertThat(explaining.plans()).isNotEmpty();
    for (String plan : explaining.plans()) {
      assertThat(plan).doesNotContain("Bitmap").doesNotContain("Seq Scan on ops ");
    }
  }
}
