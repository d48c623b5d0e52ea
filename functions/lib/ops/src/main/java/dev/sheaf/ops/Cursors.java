package dev.sheaf.ops;

import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Statement;
import java.time.Instant;
import java.util.Optional;

/** How far this site has read each of its peers. */
final class Cursors {
  private Cursors() {}

  /** The position behind which to go on; empty at first contact. */
  static Optional<Ulid> of(Catalog catalog, String host) {
    return catalog
        .execute(
            Statement.of("select last_ulid from cursors where host = :host").text("host", host))
        .first()
        .flatMap(row -> Ulid.parse(row.text("last_ulid")));
  }

  /** Moves a cursor, never back. */
  static void advance(Catalog catalog, String host, Ulid to, Instant now) {
    catalog.execute(
        Statement.of(
                """
                insert into cursors as present (host, last_ulid, updated_at)
                values (:host, :to, :now::timestamptz)
                on conflict (host) do update
                  set last_ulid = excluded.last_ulid, updated_at = excluded.updated_at
                where present.last_ulid < excluded.last_ulid
                """)
            .text("host", host)
            .text("to", to.text())
            .text("now", now.toString()));
  }
}
