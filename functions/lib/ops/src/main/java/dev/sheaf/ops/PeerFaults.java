package dev.sheaf.ops;

import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The table {@code peer_faults}: which peers could not be followed the last time, and why. */
public final class PeerFaults {
  private static final int MOST_CHARACTERS = 500;

  private final Catalog catalog;

  public PeerFaults(Catalog catalog) {
    this.catalog = catalog;
  }

  /**
   * Why a peer is not followed.
   *
   * @param failures ticks in a row
   * @param since the first of them
   * @param failedAt the last of them
   */
  public record Fault(String error, long failures, Instant since, Instant failedAt) {}

  /** All of them, by host. */
  public Map<String, Fault> all() {
    Map<String, Fault> faults = new TreeMap<>();
    for (Rows.Row row :
        catalog.execute(
            Statement.of(
                """
                select host, error, failures,
                  to_char(since at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as since,
                  to_char(failed_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as failed
                from peer_faults
                """))) {
      faults.put(
          row.text("host"),
          new Fault(
              row.text("error"),
              row.number("failures"),
              Instant.parse(row.text("since")),
              Instant.parse(row.text("failed"))));
    }
    return faults;
  }

  /** Notes that a tick failed. */
  public void failed(String host, String error, Instant now) {
    catalog.execute(
        Statement.of(
                """
                insert into peer_faults as present (host, error, failures, since, failed_at)
                values (:host, :error, 1, :now::timestamptz, :now::timestamptz)
                on conflict (host) do update set error = excluded.error,
                  failures = present.failures + 1, failed_at = excluded.failed_at
                """)
            .text("host", host)
            .text("error", error.substring(0, Math.min(MOST_CHARACTERS, error.length())))
            .text("now", now.toString()));
  }

  /** Forgets those that are followed again: one statement each. */
  public void passed(Set<String> hosts) {
    for (String host : hosts) {
      catalog.execute(
          Statement.of("delete from peer_faults where host = :host").text("host", host));
    }
  }
}
