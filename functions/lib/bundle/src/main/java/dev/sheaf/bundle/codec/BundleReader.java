package dev.sheaf.bundle.codec;

import dev.sheaf.bundle.ContentId;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Reads bundles of both dialects as a stream, in memory that does not grow with the bundle.
 *
 * <p>Accepts any order of keys, ignores unknown ones, takes nil as absent. Everything else is
 * strict: a bundle that is cut short, has trailing bytes, other types than bundle.md section 1
 * says, or passes one of the {@link BundleLimits} is refused with a sentence that says what, where
 * and what to do. By then the sink may have received a part of it.
 *
 * <p>A reader may be used for any number of bundles, by several threads at a time.
 */
public final class BundleReader {
  private final BundleLimits limits;
  private final Path spoolDirectory;
  private final Supplier<Function<String, ContentId>> ids;
  private final boolean hashing;

  private BundleReader(
      BundleLimits limits,
      Path spoolDirectory,
      Supplier<Function<String, ContentId>> ids,
      boolean hashing) {
    this.limits = limits;
    this.spoolDirectory = spoolDirectory;
    this.ids = ids;
    this.hashing = hashing;
  }

  /**
   * A reader with the default limits that hashes what it reads.
   *
   * @param directory holds bodies above {@link BundleLimits#memoryBytes} while they are needed
   */
  public static BundleReader spoolingTo(Path directory) {
    return new BundleReader(BundleLimits.DEFAULT, directory, Interner::sharing, true);
  }

  /** The same reader with other limits. */
  public BundleReader withLimits(BundleLimits replacement) {
    return new BundleReader(replacement, spoolDirectory, ids, hashing);
  }

  /** The same reader without hashing: the summary's {@code sha256} is then null. */
  public BundleReader withoutHashing() {
    return new BundleReader(limits, spoolDirectory, ids, false);
  }

  /**
   * The same reader with another way from the text of an object's id to the id, for those who must
   * know how each was spelled. The usual way parses it and shares equal ids.
   */
  public BundleReader withObjectIds(Function<String, ContentId> replacement) {
    return new BundleReader(limits, spoolDirectory, () -> replacement, hashing);
  }

  /** Takes what a damaged bundle seems to hold. */
  @FunctionalInterface
  public interface Salvaged {
    /**
     * An object, or what looks like one; the callee owns and closes it.
     *
     * @return whether its bytes are what its id says
     */
    boolean isProven(ReceivedObject object) throws IOException;
  }

  /**
   * Looks for objects in a bundle that {@link #read} refuses, wherever it is damaged. Each is
   * offered at least once, and so is what only looks like one. The bundle lies in a file meanwhile;
   * of one that is made to be searched for ever the search ends somewhere.
   */
  public void salvage(InputStream in, Salvaged sink) throws IOException {
    Spool spool = new Spool(spoolDirectory, limits.memoryBytes());
    Path file = spool.newFile();
    try {
      Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
      BundleSalvage.read(file, limits, spool, sink);
    } finally {
      Files.deleteIfExists(file);
    }
  }

  /** The limits that apply. */
  public BundleLimits limits() {
    return limits;
  }

  /**
   * Reads one bundle to its end. The stream is not closed.
   *
   * @throws IOException when the stream or the sink fails
   * @throws dev.sheaf.bundle.SheafException of kind INVALID when the bundle is at fault
   */
  public BundleSummary read(InputStream in, BundleSink sink) throws IOException {
    Spool spool = new Spool(spoolDirectory, limits.memoryBytes());
    WireInput wire = new WireInput(in, hashing);
    InflationBudget budget = new InflationBudget(wire, limits);
    BundleSummary counts = new BundleParser(wire, sink, limits, spool, budget, ids.get()).parse();
    return new BundleSummary(
        wire.sha256(), wire.size(), counts.commits(), counts.snapshots(), counts.objects());
  }
}
