package dev.sheaf.repair;

import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import java.util.Optional;

/**
 * One runner at a time: a row of the catalog that names who holds it, and until when by the
 * database's own clock, so that clocks of functions do not matter. Each batch renews it.
 */
final class Lease {
  /** Longer than a function lives: who has not renewed it is dead. */
  static final String LENGTH = "16 minutes";

  /** Renews the lease of {@code :holder}, and gives no row when somebody else has it. */
  static final String RENEW =
      """
      update repair_state set held_until = clock_timestamp() + interval '%s'
      where holder = :holder returning 1\
      """
          .formatted(LENGTH);

  private final Catalog catalog;
  private final String holder;

  /**
   * What the site remembers from cycle to cycle.
   *
   * @param listedEntries keys of the last complete listing
   * @param scrubbed up to where things were read whole in turn ({@link Scrub#position})
   * @param lost how many things are missing at present
   * @param attempts how many attempts at anything have not come back
   */
  record State(long listedEntries, String scrubbed, long lost, long attempts) {}

  Lease(Catalog catalog, String holder) {
    this.catalog = catalog;
    this.holder = holder;
  }

  /** Takes the lease; empty when somebody else has it. */
  Optional<State> take() {
    return catalog
        .execute(
            bind(
                Statement.of(
                    """
                    update repair_state
                    set holder = :holder, held_until = clock_timestamp() + interval '%s'
                    where holder is null or holder = :holder or held_until < clock_timestamp()
                    returning listed_entries, scrubbed,
                      (select count(*) from lost where recovered_at is null) as lost,
                      (select count(*) from repair_attempts) as attempts
                    """
                        .formatted(LENGTH))))
        .first()
        .map(Lease::state);
  }

  /** The same without taking it. */
  State look() {
    return catalog
        .execute(
            Statement.of(
                """
                select listed_entries, scrubbed,
                  (select count(*) from lost where recovered_at is null) as lost,
                  (select count(*) from repair_attempts) as attempts
                from repair_state
                """))
        .first()
        .map(Lease::state)
        .orElseThrow();
  }

  private static State state(Rows.Row row) {
    return new State(
        row.number("listed_entries"),
        row.text("scrubbed"),
        row.number("lost"),
        row.number("attempts"));
  }

  /** Lets somebody else have it, and remembers for them. */
  void release(long listedEntries, String scrubbed) {
    catalog.execute(
        bind(
            Statement.of(
                    """
                    update repair_state set holder = null, held_until = null,
                      listed_entries = :entries, scrubbed = :scrubbed
                    where holder = :holder
                    """)
                .number("entries", listedEntries)
                .text("scrubbed", scrubbed)));
  }

  Statement bind(Statement statement) {
    return statement.text("holder", holder);
  }
}
