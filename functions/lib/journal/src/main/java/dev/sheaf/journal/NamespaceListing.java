package dev.sheaf.journal;

import dev.sheaf.journal.json.Utf8Order;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;

/**
 * All segments that one LIST saw.
 *
 * <p>A listing of several pages is no view of one moment: a segment that is written behind the page
 * that is being read is missing, while later ones on later pages are not.
 *
 * @param segments in the order of the store, which is that of their names
 * @param newest the latest stamp among them, or the zero time where there are none
 * @param spread the time from the first page to the last; zero for a single page
 */
record NamespaceListing(List<Listed> segments, Instant newest, Duration spread) {
  NamespaceListing {
    segments = List.copyOf(segments);
  }

  static NamespaceListing of(List<Listed> segments) {
    return of(segments, Duration.ZERO);
  }

  static NamespaceListing of(List<Listed> segments, Duration spread) {
    Instant newest =
        segments.stream()
            .map(Listed::lastModified)
            .max(Comparator.naturalOrder())
            .orElse(Mark.ZERO.lastModified());
    return new NamespaceListing(segments, newest, spread);
  }

  /**
   * One segment as listed.
   *
   * @param name the key without the directory
   * @param lastModified S3's stamp in whole milliseconds, which is what every replica goes by
   */
  record Listed(String name, Instant lastModified) implements Comparable<Listed> {
    private static final Comparator<Listed> CANONICAL =
        Comparator.comparing(Listed::lastModified).thenComparing(Listed::name, Utf8Order.INSTANCE);

    /** The canonical order: by stamp, then by name. */
    @Override
    public int compareTo(Listed other) {
      return CANONICAL.compare(this, other);
    }

    boolean coveredBy(Mark mark) {
      return mark.covers(lastModified, name);
    }
  }
}
