package dev.sheaf.ops;

import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Statement;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The table {@code peer_snapshots}: what is wanted from peers, and how far it has come. */
final class PeerSnapshots {
  private PeerSnapshots() {}

  /**
   * How far a snapshot has come.
   *
   * @param position where the peer's log goes on behind it; null until its first page came
   * @param table what the next page is of; null for the first table
   * @param after where the next page begins
   */
  record Progress(@Nullable Ulid position, @Nullable String table, String after) {
    static final Progress WANTED = new Progress(null, null, "");
  }

  /** A row as it is read beside a cursor. */
  static Optional<Progress> read(
      @Nullable String host,
      @Nullable String position,
      @Nullable String table,
      @Nullable String after) {
    return host == null
        ? Optional.empty()
        : Optional.of(
            new Progress(
                position == null ? null : Ulid.parse(position).orElse(null),
                table,
                after == null ? "" : after));
  }

  /** Asks for a snapshot; one that is under way begins again, as its position is too old. */
  static void want(Catalog catalog, String host) {
    write(catalog, host, Progress.WANTED);
  }

  static void write(Catalog catalog, String host, Progress progress) {
    catalog.execute(
        Statement.of(
                """
                insert into peer_snapshots (host, position, "table", after)
                values (:host, :position, :table, :after)
                on conflict (host) do update set position = excluded.position,
                  "table" = excluded."table", after = excluded.after
                """)
            .text("host", host)
            .text("position", progress.position() == null ? null : progress.position().text())
            .text("table", progress.table())
            .text("after", progress.after()));
  }

  static void remove(Catalog catalog, String host) {
    catalog.execute(
        Statement.of("delete from peer_snapshots where host = :host").text("host", host));
  }
}
