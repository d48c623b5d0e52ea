package dev.sheaf.localstack.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.ops.OpsOptions;
import dev.sheaf.ops.PeerStanding;
import dev.sheaf.ops.Retention;
import dev.sheaf.ops.RetentionFloor;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.storage.wiring.Machine;
import dev.sheaf.storage.wiring.Site;
import dev.sheaf.storage.wiring.SiteConfig;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * What befalls a site that its peers take out of their lists and put on them again: meanwhile their
 * retention waits for it no more, so that it comes back to logs that no longer reach to where it
 * had read.
 *
 * @param number of the site
 */
record Retirement(EmbeddedSites sites, int number) {
  /** So long after now everything is old enough to go, and nobody is lost yet. */
  private static final Duration LATER = Duration.ofDays(2);

  private static final String GAPS = "SweepGapAdvances";

  /**
   * Deletes from the log of another site all that its peers have read.
   *
   * @return whether ops went that the retired site had not read
   */
  boolean retain(EmbeddedStack other) {
    Retention retention = retention(other);
    RetentionFloor floor = retention.floor(later());
    assertThat(floor.peers())
        .as("peers of " + other.api())
        .extracting(PeerStanding::host)
        .doesNotContain(url());
    assertThat(floor.skipReason().orElse("")).doesNotContain(url());
    while (retention.run(retention.floor(later()), () -> true) > 0) {
      floor = retention.floor(later());
    }
    return catalog(other)
        .execute(
            Statement.of(
                    """
                    select 1 as one from ops_deleted d
                    where d.position > coalesce(
                      (select after from peer_positions where host = :host), '')
                    """)
                .text("host", url()))
        .first()
        .isPresent();
  }

  /** What it has not read is kept for it again, as far as it is there still. */
  void requireCounted(EmbeddedStack other) {
    Retention retention = retention(other);
    RetentionFloor floor = retention.floor(later());
    assertThat(floor.peers())
        .as("peers of " + other.api())
        .filteredOn(peer -> peer.host().equals(url()))
        .singleElement()
        .satisfies(peer -> assertThat(peer.state()).isEqualTo(PeerStanding.State.GAP));
    assertThat(floor.pinnedBy()).as(floor.toString()).contains(url());
    assertThat(retention.run(floor, () -> true)).as("deleted at " + other.api()).isZero();
  }

  /** How many gaps the site has met. */
  long gaps() {
    return catalog(sites.site(number))
        .execute(
            Statement.of("select value from ops_counters where name = :name").text("name", GAPS))
        .first()
        .map(row -> row.number("value"))
        .orElse(0L);
  }

  private String url() {
    return sites.url(number).toString();
  }

  private static Instant later() {
    return Machine.CLOCK.instant().plus(LATER);
  }

  private static Catalog catalog(EmbeddedStack site) {
    return Site.from(site.environment()).catalog();
  }

  private static Retention retention(EmbeddedStack site) {
    Map<String, String> environment = new HashMap<>(site.environment());
    environment.put("SHEAF_OPS_RETENTION_DAYS", "1");
    environment.put("SHEAF_OPS_RETENTION_CURSOR_MARGIN", "0");
    return new Retention(catalog(site), OpsOptions.of(SiteConfig.from(environment), environment));
  }
}
