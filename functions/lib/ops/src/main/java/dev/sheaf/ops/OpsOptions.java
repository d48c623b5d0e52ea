package dev.sheaf.ops;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.storage.wiring.SiteConfig;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a site knows about itself and its peers.
 *
 * @param self {@code SHEAF_SELF}, its base URL as in its ops: lower case, without a slash at its
 *     end; empty for a site without peers that was given no name
 * @param peers {@code SHEAF_PEERS}, base URLs of the sites that it follows, in the same form; this
 *     site itself, which may be named there so that all have one list, is left out
 * @param isSweepPublic {@code SHEAF_SWEEP_PUBLIC}: {@code true} gives the log to whoever asks
 * @param retention how much of the log is kept
 */
public record OpsOptions(
    String self, List<String> peers, boolean isSweepPublic, RetentionOptions retention) {
  public OpsOptions {
    peers = List.copyOf(peers);
  }

  /**
   * Reads the variables that {@link SiteConfig} does not.
   *
   * @throws SheafException of kind INVALID naming the variable at fault
   */
  public static OpsOptions of(SiteConfig site, Map<String, String> environment) {
    String self = site.self().map(OpsOptions::host).orElse("");
    List<String> peers =
        site.peers().stream()
            .map(OpsOptions::host)
            .distinct()
            .filter(peer -> !peer.equals(self))
            .toList();
    if (self.isEmpty() && !peers.isEmpty()) {
      throw new SheafException(
          ErrorKind.INVALID,
          "environment variable SHEAF_SELF is not set, and SHEAF_PEERS is: peers know this site by"
              + " its own URL");
    }
    return new OpsOptions(
        self,
        peers,
        RetentionOptions.flag(environment, "SHEAF_SWEEP_PUBLIC"),
        RetentionOptions.from(environment));
  }

  /** A site's URL in the one form in which it is its name. */
  public static String host(URI url) {
    return host(url.toString());
  }

  /** A site's URL in the one form in which it is its name. */
  public static String host(String url) {
    String host = url.strip().toLowerCase(Locale.ROOT);
    while (host.endsWith("/")) {
      host = host.substring(0, host.length() - 1);
    }
    return host;
  }
}
