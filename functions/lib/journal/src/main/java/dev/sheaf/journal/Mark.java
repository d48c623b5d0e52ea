package dev.sheaf.journal;

import dev.sheaf.journal.json.Utf8Order;
import java.time.Instant;

/**
 * A place in the canonical order of segments: up to here, inclusive, they are folded into the
 * rollup. The order is by S3's stamp, then by name.
 *
 * @param lastModified the stamp of the last folded segment
 * @param offsetMinutes how far from UTC the stamp was written; it takes no part in the order
 * @param segment the name of the last folded segment
 */
public record Mark(Instant lastModified, int offsetMinutes, String segment) {
  /** Before every segment. */
  public static final Mark ZERO = new Mark(Instant.parse("0001-01-01T00:00:00Z"), "");

  public Mark(Instant lastModified, String segment) {
    this(lastModified, 0, segment);
  }

  /** Whether a segment of this stamp and name is folded. */
  public boolean covers(Instant stamp, String name) {
    int byStamp = stamp.compareTo(lastModified);
    return byStamp < 0 || (byStamp == 0 && Utf8Order.INSTANCE.compare(name, segment) <= 0);
  }

  /** The stamp as text: RFC 3339, trailing zeros of the fraction dropped. */
  public String stampText() {
    return Rfc3339.format(lastModified, offsetMinutes);
  }
}
