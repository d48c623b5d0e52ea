package dev.sheaf.repository;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sheaf.bundle.history.Ids;

/**
 * The fencing number of a repository's home: each new home has a greater one than the one before,
 * and no two sites ever make the same, although they may take the same repository over at once
 * without knowing of one another.
 *
 * @param value how often the home has changed, in the upper bits; the site, in the lower 32
 */
public record Epoch(long value) {
  private static final int SITE_BITS = 32;

  /** That of a repository which is still where it was made. */
  public static final Epoch FIRST = new Epoch(0);

  /** The one that follows when a site becomes the home. */
  public Epoch next(String site) {
    String hash = Ids.object(site.getBytes(UTF_8)).hex();
    long suffix = Long.parseLong(hash.substring(0, SITE_BITS / 4), 16);
    return new Epoch(((changes() + 1) << SITE_BITS) | suffix);
  }

  /** How often the home has changed. */
  public long changes() {
    return value >> SITE_BITS;
  }

  /** For names: the number of changes and, unless there was none, what tells sites apart. */
  @Override
  public String toString() {
    return value == 0 ? "0" : "%d.%08x".formatted(changes(), value & 0xffff_ffffL);
  }
}
