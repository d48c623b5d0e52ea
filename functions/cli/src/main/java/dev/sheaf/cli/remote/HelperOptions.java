package dev.sheaf.cli.remote;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.RefName;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.cli.git.GitId;
import dev.sheaf.cli.git.RefBytes;
import dev.sheaf.cli.http.RefUpdate.Expected;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What git has asked for by {@code option} lines. */
final class HelperOptions {
  private static final String NO_OBJECT = "0".repeat(40);

  private int verbosity = 1;
  private boolean progress;
  private boolean dryRun;
  private boolean atomic;
  private boolean checkConnectivity;
  private boolean cloning;
  private final Map<RefName, Expected> leases = new HashMap<>();

  /**
   * Takes one.
   *
   * @return what to answer
   * @throws SheafException of kind INVALID when git asks for a part of the history
   */
  String take(String name, String value) {
    switch (name) {
      case "verbosity" -> verbosity = Integer.parseInt(value);
      case "progress" -> progress = value.equals("true");
      case "dry-run" -> dryRun = value.equals("true");
      case "atomic" -> atomic = value.equals("true");
      case "check-connectivity" -> checkConnectivity = value.equals("true");
      case "cloning" -> cloning = value.equals("true");
      case "cas" -> lease(value);
      case "pushcert" -> {
        // What push.gpgSign=if-asked comes to: nobody asks here.
        return value.equals("true") ? "unsupported" : "ok";
      }
      case "depth", "deepen-since", "deepen-not", "deepen-relative", "filter" -> {
        // What git says when it comes back for tags, or takes a wish back.
        if (!value.equals("0") && !value.equals("false")) {
          throw new SheafException(
              ErrorKind.INVALID,
              "a part of a history (option " + name + ") is not served; clone or fetch all of it");
        }
      }
      default -> {
        return "unsupported";
      }
    }
    return "ok";
  }

  /** {@code --force-with-lease}: what a ref has to be. */
  private void lease(String given) {
    String value = CQuoted.plain(given);
    int colon = value.lastIndexOf(':');
    String id = value.substring(colon + 1);
    leases.put(
        RefBytes.parse(value.substring(0, colon)),
        Expected.of(id.equals(NO_OBJECT) ? null : new GitId(id)));
  }

  /** What a ref has to be by its lease; null when it has none. */
  @Nullable Expected lease(RefName name) {
    return leases.get(name);
  }

  int verbosity() {
    return verbosity;
  }

  boolean progress() {
    return progress;
  }

  boolean dryRun() {
    return dryRun;
  }

  boolean atomic() {
    return atomic;
  }

  /** Whether nothing is in the repository yet. */
  boolean cloning() {
    return cloning;
  }

  boolean checkConnectivity() {
    return checkConnectivity;
  }
}
