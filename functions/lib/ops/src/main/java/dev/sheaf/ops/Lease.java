package dev.sheaf.ops;

import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Work of which one runner at a time does its part, by a row of the catalog. Whoever took it has it
 * until a moment that it named itself: a runner that died is in nobody's way for longer.
 *
 * <p>It saves double work, and is no fence: what runs under it must bear a second runner.
 */
public final class Lease {
  private final Catalog catalog;
  private final String name;
  private final String holder;

  /**
   * @param name of the work
   * @param holder tells this runner from all others
   */
  public Lease(Catalog catalog, String name, String holder) {
    this.catalog = catalog;
    this.name = name;
    this.holder = holder;
  }

  /**
   * Takes the work, or keeps it for longer: one statement.
   *
   * @param length how long this runner may need
   * @return false when another runner has it
   */
  public boolean take(Instant now, Duration length) {
    return catalog
            .execute(
                Statement.of(
                        """
                        insert into ops_leases as present (name, holder, held_until)
                        values (:name, :holder, :until::timestamptz)
                        on conflict (name) do update
                          set holder = excluded.holder, held_until = excluded.held_until
                        where present.holder is null or present.holder = excluded.holder
                          or present.held_until < :now::timestamptz
                        """)
                    .text("name", name)
                    .text("holder", holder)
                    .text("until", now.plus(length).toString())
                    .text("now", now.toString()))
            .updated()
        == 1;
  }

  /** Lets others have it; without effect when another runner took it over meanwhile. */
  public void release() {
    catalog.execute(update(""));
  }

  /**
   * Lets others have it, and notes that the work is done.
   *
   * @param version of the code that did it
   */
  public void done(Instant now, String version) {
    catalog.execute(
        update(", done_at = :now::timestamptz, done_version = :version")
            .text("now", now.toString())
            .text("version", version));
  }

  private Statement update(String more) {
    return Statement.of(
            "update ops_leases set holder = null, held_until = null"
                + more
                + " where name = :name and holder = :holder")
        .text("name", name)
        .text("holder", holder);
  }

  /**
   * When work was done last, and by which version of the code.
   *
   * @param version empty for none
   */
  public record Done(Instant at, String version) {}

  /** When this work was done last; empty for never. */
  public Optional<Done> lastDone() {
    return catalog
        .execute(
            Statement.of(
                    """
                    select to_char(done_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
                      as done_at, coalesce(done_version, '') as version
                    from ops_leases where name = :name and done_at is not null
                    """)
                .text("name", name))
        .first()
        .map(row -> new Done(Instant.parse(row.text("done_at")), row.text("version")));
  }
}
