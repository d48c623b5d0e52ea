package dev.sheaf.storage;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * A server that answers requests, on whatever connection they come, with what a test has prepared,
 * in order: real answers, broken ones, or none. What no real server does at will.
 */
public final class ScriptedServer implements AutoCloseable {
  /** Closes the connection instead of answering. */
  public static final String HANG_UP = "";

  /** Never answers. */
  public static final String SILENCE = "silence";

  private final ServerSocket listener;
  private final BlockingQueue<String> script = new LinkedBlockingQueue<>();
  private final List<Request> requests = new ArrayList<>();
  private final List<Socket> sockets = new ArrayList<>();

  /**
   * What came in.
   *
   * @param line method and path
   * @param headers by lower-case name
   */
  public record Request(String line, Map<String, String> headers, String body) {
    public Request {
      headers = Map.copyOf(headers);
    }

    public @Nullable String header(String name) {
      return headers.get(name);
    }
  }

  /** A server on any free loopback port. */
  public ScriptedServer() throws IOException {
    this(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
  }

  /** A server on a listener of the test's own, for instance one with TLS. */
  public ScriptedServer(ServerSocket listener) {
    this.listener = listener;
    Thread.ofVirtual().start(this::accept);
  }

  /** Where it listens. */
  public URI url() {
    return URI.create("http://127.0.0.1:" + listener.getLocalPort());
  }

  /** Adds an answer: status line, headers and body, taken literally. */
  public ScriptedServer then(String answer) {
    script.add(answer);
    return this;
  }

  /** Adds an answer with a body of announced length. */
  public ScriptedServer then(int status, String headers, String body) {
    String lines = headers.isEmpty() ? "" : headers + "\r\n";
    return then(
        "HTTP/1.1 %d X\r\n%sContent-Length: %d\r\n\r\n%s"
            .formatted(status, lines, body.getBytes(StandardCharsets.UTF_8).length, body));
  }

  /** Adds an error as S3 sends it. */
  public ScriptedServer thenS3Error(int status, String code) {
    return then(
        status,
        "Content-Type: application/xml",
        "<Error><Code>" + code + "</Code><Message>scripted</Message></Error>");
  }

  /** The requests so far. */
  public List<Request> requests() {
    synchronized (requests) {
      return List.copyOf(requests);
    }
  }

  /** Number of connections so far. */
  public int connections() {
    synchronized (requests) {
      return sockets.size();
    }
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket socket = listener.accept();
        synchronized (requests) {
          sockets.add(socket);
        }
        Thread.ofVirtual().start(() -> serve(socket));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      InputStream in = socket.getInputStream();
      while (true) {
        Request request = read(in);
        synchronized (requests) {
          requests.add(request);
        }
        String answer = script.take();
        if (answer.equals(SILENCE)) {
          in.readAllBytes();
          return;
        }
        if (answer.equals(HANG_UP)) {
          return;
        }
        socket.getOutputStream().write(answer.getBytes(StandardCharsets.UTF_8));
        socket.getOutputStream().flush();
        if (answer.contains("Connection: close")) {
          return;
        }
      }
    } catch (IOException e) {
      // The client went away.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Request read(InputStream in) throws IOException {
    String line = line(in);
    Map<String, String> headers = new HashMap<>();
    for (String header = line(in); !header.isEmpty(); header = line(in)) {
      int colon = header.indexOf(':');
      headers.put(
          header.substring(0, colon).toLowerCase(Locale.ROOT), header.substring(colon + 1).strip());
    }
    int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
    String body = new String(in.readNBytes(length), StandardCharsets.UTF_8);
    return new Request(line.replace(" HTTP/1.1", ""), headers, body);
  }

  private static String line(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new IOException("the client hung up");
      }
      if (c != '\r') {
        line.write(c);
      }
    }
    return line.toString(StandardCharsets.UTF_8);
  }

  @Override
  public void close() throws IOException {
    listener.close();
    synchronized (requests) {
      for (Socket socket : sockets) {
        socket.close();
      }
    }
  }
}
