package dev.sheaf.cli.http;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.SheafException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * The URL of a repository: a site's URL with {@code /owner/repo} behind it.
 *
 * @param base without a slash at the end
 */
public record RemoteUrl(String base) {

  /**
   * Reads a URL.
   *
   * @throws SheafException of kind INVALID when it is no such URL
   */
  public static RemoteUrl parse(String text) {
    String base = withSmallScheme(text.replaceAll("/+$", ""));
    URI uri;
    try {
      uri = URI.create(base);
    } catch (IllegalArgumentException e) {
      throw malformed(text);
    }
    if (uri.getRawUserInfo() != null) {
      throw new SheafException(
          ErrorKind.INVALID,
          "the URL of a repository holds no name and no password; SHEAF_TOKEN takes a token");
    }
    boolean web = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
    boolean bare = uri.getQuery() == null && uri.getFragment() == null;
    if (!web || uri.getHost() == null || uri.getPort() > Origin.LAST_PORT || !bare) {
      throw malformed(text);
    }
    String[] parts = uri.getPath().split("/", -1);
    boolean named =
        parts.length >= 3
            && ObjectKeys.isPlace(parts[parts.length - 1])
            && ObjectKeys.isName(parts[parts.length - 2]);
    if (!named) {
      throw malformed(text);
    }
    return new RemoteUrl(base);
  }

  /**
   * The URL of a site, from its own or from that of one of its repositories. One whose path might
   * be either is taken for the latter: see {@link SiteClient}.
   *
   * @throws SheafException of kind INVALID when it is no URL of the web
   */
  public static RemoteUrl ofSite(String text) {
    String base = withSmallScheme(text.replaceAll("/+$", ""));
    try {
      return new RemoteUrl(parse(base).base().replaceAll("(/[^/]+){2}$", ""));
    } catch (SheafException e) {
      Origin.parse(base);
      return new RemoteUrl(base);
    }
  }

  /** The name of a scheme is the same in any case (RFC 3986, section 3.1). */
  private static String withSmallScheme(String url) {
    int end = url.indexOf("://");
    return end < 0 ? url : url.substring(0, end).toLowerCase(Locale.ROOT) + url.substring(end);
  }

  private static SheafException malformed(String text) {
    return new SheafException(
        ErrorKind.INVALID,
        "'" + text + "' is not the URL of a repository; it looks like https://HOST/OWNER/REPO");
  }

  /** The repository's own name, the last part. */
  public String name() {
    String path = URI.create(base).getPath();
    return path.substring(path.lastIndexOf('/') + 1);
  }

  /** Owner and name, as {@code owner/repo}. */
  public String place() {
    String path = URI.create(base).getPath();
    return path.substring(path.lastIndexOf('/', path.lastIndexOf('/') - 1) + 1);
  }

  /** Who answers there. */
  public Origin origin() {
    return Origin.of(URI.create(base));
  }

  /** The URL of a route, {@code /refs} for instance; what it holds must be escaped already. */
  public URI route(String path) {
    return URI.create(base + path);
  }

  /** Escapes a value for a path or a query. */
  public static String escape(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20");
  }

  @Override
  public String toString() {
    return base;
  }
}
