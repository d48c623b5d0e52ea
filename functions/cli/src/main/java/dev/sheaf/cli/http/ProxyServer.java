package dev.sheaf.cli.http;

import java.io.IOException;
import java.net.Authenticator;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.net.PasswordAuthentication;
import java.net.Proxy;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import javax.net.ssl.HttpsURLConnection;
import org.jspecify.annotations.Nullable;

/**
 * A proxy.
 *
 * @param user name and password, a colon between them; null: nobody asks for this
 */
record ProxyServer(Proxy.Type type, String host, int port, @Nullable String user) {
  /** Curl's, where a setting names none. */
  private static final int USUAL_PORT = 1_080;

  /**
   * Reads a setting: {@code [http|socks…://][user:password@]host[:port]}.
   *
   * @throws dev.sheaf.bundle.SheafException of kind INVALID when it is something else
   */
  static ProxyServer parse(String setting) {
    URI url;
    try {
      url = new URI(setting.contains("://") ? setting : "http://" + setting);
    } catch (URISyntaxException e) {
      throw Proxies.unusable("...", "is no URL");
    }
    String shown = url.getScheme() + "://" + url.getHost() + ":" + url.getPort();
    if (url.getHost() == null || url.getPort() > Origin.LAST_PORT) {
      throw Proxies.unusable(shown, "names no host and port");
    }
    Proxy.Type type =
        switch (url.getScheme().toLowerCase(Locale.ROOT)) {
          case "http" -> Proxy.Type.HTTP;
          case "socks", "socks4", "socks4a", "socks5", "socks5h" -> Proxy.Type.SOCKS;
          default -> throw Proxies.unusable(shown, "is of a kind that is not supported");
        };
    int port = url.getPort() < 0 ? USUAL_PORT : url.getPort();
    return new ProxyServer(type, url.getHost(), port, url.getUserInfo());
  }

  /** A connection that goes through it. */
  HttpURLConnection open(URI url) throws IOException {
    Proxy proxy = new Proxy(type, new InetSocketAddress(host, port));
    HttpURLConnection connection = (HttpURLConnection) url.toURL().openConnection(proxy);
    if (user != null && connection instanceof HttpsURLConnection) {
      // A tunnel, of which the JDK sends no header that it did not make itself.
      String[] parts = user.split(":", 2);
      connection.setAuthenticator(new Known(parts[0], parts.length == 1 ? "" : parts[1]));
    } else if (user != null) {
      // A body that streams cannot be sent again, when this was asked for.
      connection.setRequestProperty("Proxy-Authorization", basic(user));
    }
    return connection;
  }

  /** Tells the proxy who asks, and nobody else. */
  private static final class Known extends Authenticator {
    private final PasswordAuthentication who;

    Known(String name, String password) {
      this.who = new PasswordAuthentication(name, password.toCharArray());
    }

    @Override
    protected @Nullable PasswordAuthentication getPasswordAuthentication() {
      return getRequestorType() == RequestorType.PROXY ? who : null;
    }
  }

  private static String basic(String user) {
    byte[] bytes = (user.contains(":") ? user : user + ":").getBytes(StandardCharsets.UTF_8);
    return "Basic " + Base64.getEncoder().encodeToString(bytes);
  }

  /** Host and port alone. */
  @Override
  public String toString() {
    return host + ":" + port;
  }
}
