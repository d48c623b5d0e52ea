package dev.sheaf.repair;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import java.time.Duration;
import java.util.Map;

/**
 * How a site is looked after.
 *
 * @param batch rows of the catalog that are seen to together; a cycle is saved after each
 * @param scrubBytes bytes that a cleanup reads whole, one bundle, pack and object after the other,
 *     whatever they look like; 0 for none
 * @param bundlesExpireAfter uploads that are older are not missed; zero when they are kept for ever
 * @param surplusAfter how old a bundle has to be that only other sites are to have, before it is
 *     deleted here
 * @param rangeKeys objects that one invocation goes through at most, and holds in memory, 48 bytes
 *     each: with more of them the next invocation takes the next range of ids
 * @param inventory where in the site's bucket S3 Inventory delivers its reports of it, which are
 *     read in place of a listing; empty for a listing every time
 */
public record RepairOptions(
    int batch,
    long scrubBytes,
    Duration bundlesExpireAfter,
    Duration surplusAfter,
    long rangeKeys,
    String inventory) {
  private static final long GIB = 1L << 30;
  private static final long RANGE_KEYS = 5_000_000;

  /** A thousand rows, a GiB, uploads that are kept, a week for what is surplus, a listing. */
  public static final RepairOptions DEFAULT =
      new RepairOptions(1_000, GIB, Duration.ZERO, Duration.ofDays(7), RANGE_KEYS, "");

  /**
   * By {@code SHEAF_REPAIR_SCRUB_BYTES} and {@code SHEAF_BUNDLES_EXPIRE_DAYS}, each 0 for never,
   * {@code SHEAF_REPAIR_SURPLUS_DAYS}, {@code SHEAF_REPAIR_RANGE_KEYS} and {@code
   * SHEAF_REPAIR_INVENTORY}, a prefix that ends with a slash.
   *
   * @throws SheafException of kind {@code INVALID} naming the variable at fault
   */
  public static RepairOptions from(Map<String, String> environment) {
    return DEFAULT
        .withScrubBytes(number(environment, "SHEAF_REPAIR_SCRUB_BYTES", DEFAULT.scrubBytes()))
        .withBundlesExpireAfter(
            Duration.ofDays(number(environment, "SHEAF_BUNDLES_EXPIRE_DAYS", 0)))
        .withSurplusAfter(
            Duration.ofDays(
                number(environment, "SHEAF_REPAIR_SURPLUS_DAYS", DEFAULT.surplusAfter().toDays())))
        .withRangeKeys(
            Math.max(1, number(environment, "SHEAF_REPAIR_RANGE_KEYS", DEFAULT.rangeKeys())))
        .withInventory(prefix(environment, "SHEAF_REPAIR_INVENTORY"));
  }

  private static String prefix(Map<String, String> environment, String name) {
    String text = environment.getOrDefault(name, "").strip();
    if (text.isEmpty() || (text.endsWith("/") && !text.startsWith("/"))) {
      return text;
    }
    throw new SheafException(
        ErrorKind.INVALID,
        "environment variable "
            + name
            + " is '"
            + text
            + "'; expected a prefix in the bucket that ends with '/'");
  }

  private static long number(Map<String, String> environment, String name, long byDefault) {
    String text = environment.getOrDefault(name, "").strip();
    try {
      long number = text.isEmpty() ? byDefault : Long.parseLong(text);
      if (number >= 0 && number <= 1L << 50) {
        return number;
      }
    } catch (NumberFormatException e) {
      // as for one that is out of range
    }
    throw new SheafException(
        ErrorKind.INVALID,
        "environment variable " + name + " is '" + text + "'; expected a whole number from 0 on");
  }

  /** The same with another scrub budget. */
  public RepairOptions withScrubBytes(long bytes) {
    return new RepairOptions(batch, bytes, bundlesExpireAfter, surplusAfter, rangeKeys, inventory);
  }

  /** The same with batches of another size. */
  public RepairOptions withBatch(int rows) {
    return new RepairOptions(
        rows, scrubBytes, bundlesExpireAfter, surplusAfter, rangeKeys, inventory);
  }

  /** The same where uploads expire. */
  public RepairOptions withBundlesExpireAfter(Duration age) {
    return new RepairOptions(batch, scrubBytes, age, surplusAfter, rangeKeys, inventory);
  }

  /** The same where what is surplus stays for another time. */
  public RepairOptions withSurplusAfter(Duration age) {
    return new RepairOptions(batch, scrubBytes, bundlesExpireAfter, age, rangeKeys, inventory);
  }

  /** The same with ranges of another size. */
  public RepairOptions withRangeKeys(long objects) {
    return new RepairOptions(
        batch, scrubBytes, bundlesExpireAfter, surplusAfter, objects, inventory);
  }

  /** The same with reports in place of listings. */
  public RepairOptions withInventory(String prefix) {
    return new RepairOptions(
        batch, scrubBytes, bundlesExpireAfter, surplusAfter, rangeKeys, prefix);
  }
}
