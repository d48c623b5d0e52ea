package dev.sheaf.bundle.codec;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;

/**
 * Reads bundles of both dialects as a stream, in memory that does not grow with the bundle.
 *
 * <p>Accepts any order of keys, ignores unknown ones, takes nil as absent. Everything else is
 * strict: a bundle that is cut short, has trailing bytes, other types than bundle.md section 1
 * says, or passes one of the {@link Limits} is refused with a sentence that says what, where and
 * what to do. By then the sink may have received a part of it.
 *
 * <p>A reader may be used for any number of bundles, by several threads at a time.
 */
public final class BundleReader {
  private final Limits limits;
  private final Path spoolDirectory;
  private final boolean hashing;

  private BundleReader(Limits limits, Path spoolDirectory, boolean hashing) {
    this.limits = limits;
    this.spoolDirectory = spoolDirectory;
    this.hashing = hashing;
  }

  /** A reader with the default limits that hashes what it reads. */
  public static BundleReader spoolingTo(Path directory) {
    return new BundleReader(Limits.DEFAULT, directory, true);
  }

  /** The same reader with other limits. */
  public BundleReader withLimits(Limits replacement) {
    return new BundleReader(replacement, spoolDirectory, hashing);
  }

  /** The same reader without hashing: the summary's {@code sha256} is then null. */
  public BundleReader withoutHashing() {
    return new BundleReader(limits, spoolDirectory, false);
  }

  /**
   * Reads one bundle to its end. The stream is not closed.
   *
   * @throws IOException when the stream or the sink fails
   * @throws dev.sheaf.bundle.SheafException of kind INVALID when the bundle is at fault
   */
  public BundleSummary read(InputStream in, BundleSink sink) throws IOException {
    return dev.sheaf.bundle.Pending.value(limits, spoolDirectory, hashing);
  }
}
