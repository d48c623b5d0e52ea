package dev.sheaf.localstack.servers.access;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * Turns away what a web page makes a browser on this machine send: requests that another site's
 * page posts here bear its {@code Origin}, and requests to a name that somebody has pointed at this
 * machine (DNS rebinding) bear that name as {@code Host}.
 */
public final class LocalPrograms extends Handler.Wrapper {
  private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "[::1]");

  private final Set<String> names;

  /**
   * @param handler gets the other requests
   * @param furtherNames under which the server is known besides those of loopback
   */
  public LocalPrograms(Handler handler, String... furtherNames) {
    super(handler);
    Set<String> all = new HashSet<>(LOOPBACK);
    all.addAll(List.of(furtherNames));
    this.names = Set.copyOf(all);
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    List<String> hosts = request.getHeaders().getValuesList(HttpHeader.HOST);
    if (hosts.size() != 1 || !isOurs(hosts.getFirst()) || !isOurs(authority(request))) {
      refuse(
          response,
          callback,
          HttpStatus.MISDIRECTED_REQUEST_421,
          "Host is none of this machine's own names: ask 127.0.0.1");
      return true;
    }
    String origin = request.getHeaders().get(HttpHeader.ORIGIN);
    if (origin != null && !isLocal(origin)) {
      refuse(
          response, callback, HttpStatus.FORBIDDEN_403, "not for pages of another site (Origin)");
      return true;
    }
    return super.handle(request, response, callback);
  }

  /** What the request line names, if it names a host at all; else the Host header once more. */
  private static String authority(Request request) {
    String host = request.getHttpURI().getHost();
    return host == null ? "127.0.0.1" : host;
  }

  private boolean isOurs(String hostAndPort) {
    return names.contains(hostAndPort.replaceFirst(":\\d*$", "").toLowerCase(Locale.ROOT));
  }

  private static boolean isLocal(String origin) {
    return LOOPBACK.contains(String.valueOf(host(origin)).toLowerCase(Locale.ROOT));
  }

  private static @Nullable String host(String origin) {
    try {
      return new URI(origin).getHost();
    } catch (URISyntaxException e) {
      return null;
    }
  }

  private static void refuse(Response response, Callback callback, int status, String message) {
    response.setStatus(status);
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
    response.getHeaders().put(HttpHeader.CONNECTION, "close");
    response.write(
        true, ByteBuffer.wrap(("{\"message\":\"" + message + "\"}").getBytes(UTF_8)), callback);
  }
}
