package dev.sheaf.ops;

import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Statement;
import java.time.Instant;
import java.util.Optional;

/** How far this site has read each of its peers. */
final class Cursors {
  private Cursors() {}

  /**
   * Where to go on with a peer.
   *
   * @param cursor the position behind which to go on; empty at first contact
   * @param snapshot what is still to be taken from it besides
   */
  record Progress(Optional<Ulid> cursor, Optional<PeerSnapshots.Progress> snapshot) {
    static final Progress FIRST_CONTACT = new Progress(Optional.empty(), Optional.empty());
  }

  /** One statement. */
  static Progress of(Catalog catalog, String host) {
    return catalog
        .execute(
            Statement.of(
                    """
                    select last_ulid, s.host, position, "table", after
                    from (select :host::text as host) h
                      left join cursors c on c.host = h.host
                      left join peer_snapshots s on s.host = h.host
                    """)
                .text("host", host))
        .first()
        .map(row ->
            new Progress(
                Optional.ofNullable(row.textOrNull("last_ulid")).flatMap(Ulid::parse),
                PeerSnapshots.read(
                    row.textOrNull("host"),
                    row.textOrNull("position"),
                    row.textOrNull("table"),
                    row.textOrNull("after"))))
        .orElse(Progress.FIRST_CONTACT);
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
