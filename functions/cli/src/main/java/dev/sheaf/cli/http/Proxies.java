package dev.sheaf.cli.http;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Which proxy leads to a URL, chosen as git chooses it: by its configuration, else by the variables
 * that curl knows. {@code HTTP_PROXY} in capitals is none of these, as any web server sets it for
 * programs that it starts. Thread-safe.
 *
 * <p>What is on this machine is reached without, other than by git: a token goes there unencrypted,
 * as nobody on the way can read along, and another one's configuration must not put somebody there.
 */
public final class Proxies {
  /** None but the JVM's own. */
  public static final Proxies NONE = new Proxies(Map.of(), url -> Optional.empty());

  private final Map<String, String> variables;
  private final Configuration configuration;
  private final Map<Origin, Optional<ProxyServer>> chosen = new ConcurrentHashMap<>();

  /** What git's configuration says. */
  @FunctionalInterface
  public interface Configuration {
    /** The proxy for a URL; an empty text for none at all, nothing where nothing is said. */
    Optional<String> proxy(URI url);
  }

  /**
   * @param variables the environment
   */
  public Proxies(Map<String, String> variables, Configuration configuration) {
    this.variables = variables;
    this.configuration = configuration;
  }

  /**
   * The proxy for a URL; empty where there is none.
   *
   * @throws SheafException of kind INVALID for a setting that names no proxy
   */
  Optional<ProxyServer> to(URI url) {
    return chosen.computeIfAbsent(Origin.of(url), origin -> choose(url, origin));
  }

  private Optional<ProxyServer> choose(URI url, Origin origin) {
    if (origin.isLoopback()) {
      return Optional.empty();
    }
    String proxy = configuration.proxy(url).orElseGet(() -> variable(origin));
    if (proxy.isEmpty() || isExempt(origin)) {
      return Optional.empty();
    }
    return Optional.of(ProxyServer.parse(proxy));
  }

  private String variable(Origin origin) {
    List<String> names =
        origin.scheme().equals("https")
            ? List.of("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
            : List.of("http_proxy", "all_proxy", "ALL_PROXY");
    return names.stream().map(this::value).filter(value -> !value.isEmpty()).findFirst().orElse("");
  }

  private String value(String name) {
    @Nullable String value = variables.get(name);
    return value == null ? "" : value;
  }

  /** {@code no_proxy}: hosts, with all that is below them; {@code *} for every one. */
  private boolean isExempt(Origin origin) {
    String lower = value("no_proxy");
    String list = lower.isEmpty() ? value("NO_PROXY") : lower;
    if (list.strip().equals("*")) {
      return true;
    }
    String host = bare(origin.host());
    for (String entry : list.split("[,\\s]+", -1)) {
      String named = bare(entry.toLowerCase(Locale.ROOT).replaceFirst("^\\.", ""));
      boolean isAddress = host.contains(":") || host.matches("[0-9.]+");
      if (!named.isEmpty() && (host.equals(named) || (!isAddress && host.endsWith("." + named)))) {
        return true;
      }
    }
    return false;
  }

  private static String bare(String host) {
    String plain = host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
    return plain.startsWith("[") && plain.endsWith("]")
        ? plain.substring(1, plain.length() - 1)
        : plain;
  }

  /** A setting that cannot be followed. */
  static SheafException unusable(String setting, String why) {
    return new SheafException(
        ErrorKind.INVALID,
        "the proxy '"
            + setting
            + "' "
            + why
            + "; it comes from git's http.proxy, or from http_proxy, https_proxy or all_proxy");
  }
}
