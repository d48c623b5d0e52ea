package dev.sheaf.cli.http;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;

/**
 * Who answers at a URL: what a token is for.
 *
 * @param scheme {@code https} or {@code http}
 * @param host in small letters; an IPv6 address in brackets
 * @param port also where the URL names none
 */
public record Origin(String scheme, String host, int port) {
  static final int LAST_PORT = 65_535;

  /** The origin of an absolute URL of the web. */
  static Origin of(URI url) {
    String scheme = url.getScheme().toLowerCase(Locale.ROOT);
    int usual = scheme.equals("https") ? 443 : 80;
    int port = url.getPort() < 0 ? usual : url.getPort();
    return new Origin(scheme, url.getHost().toLowerCase(Locale.ROOT), port);
  }

  /**
   * The origin of a site's URL, whatever is behind the host.
   *
   * @throws SheafException of kind INVALID when it is no URL of the web
   */
  public static Origin parse(String url) {
    try {
      URI uri = new URI(url);
      if (("https".equals(uri.getScheme()) || "http".equals(uri.getScheme()))
          && uri.getHost() != null
          && uri.getPort() <= LAST_PORT) {
        return of(uri);
      }
    } catch (URISyntaxException e) {
      // Said below.
    }
    throw new SheafException(
        ErrorKind.INVALID,
        "SHEAF_URL, which says where SHEAF_TOKEN may be sent, is no URL; it looks like"
            + " https://HOST");
  }

  /** Host and port, the port only where it is not the usual one. */
  public String authority() {
    int usual = scheme.equals("https") ? 443 : 80;
    return port == usual ? host : host + ":" + port;
  }

  /** Whether nobody on the way can read along: it is encrypted, or does not leave this machine. */
  boolean isPrivate() {
    return scheme.equals("https") || isLoopback();
  }

  /** Whether it is this machine itself. */
  boolean isLoopback() {
    return host.equals("localhost")
        || host.matches("127(\\.[0-9]{1,3}){3}")
        || host.equals("[::1]");
  }

  @Override
  public String toString() {
    return scheme + "://" + host + ":" + port;
  }
}
