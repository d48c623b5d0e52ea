package dev.sheaf.cli.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Locale;

/**
 * A server that says exactly what it is told to, also what no server should: one answer a
 * connection, then it hangs up.
 */
final class FakeStore implements AutoCloseable {
  private final ServerSocket socket;
  private final Deque<byte[]> answers = new ArrayDeque<>();
  private final List<String> requests = Collections.synchronizedList(new ArrayList<>());

  FakeStore() throws IOException {
    this.socket = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
    Thread.ofPlatform().daemon().start(this::serve);
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + socket.getLocalPort() + "/key?signature=a%2Fb");
  }

  /** The next answer: its head up to the empty line, and then a body. */
  FakeStore then(String head, String body) {
    String text = "HTTP/1.1 " + head + "\r\nConnection: close\r\n\r\n" + body;
    synchronized (answers) {
      answers.add(text.getBytes(StandardCharsets.ISO_8859_1));
    }
    return this;
  }

  /** {@link #then}, whole and as it should be. */
  FakeStore thenWhole(int status, String body) {
    return then(status + " X\r\nContent-Length: " + body.length(), body);
  }

  /** What came: heads and bodies. */
  List<String> requests() {
    return List.copyOf(requests);
  }

  private void serve() {
    while (true) {
      try (Socket connection = socket.accept()) {
        requests.add(request(connection.getInputStream()));
        byte[] answer;
        synchronized (answers) {
          answer = answers.removeFirst();
        }
        OutputStream out = connection.getOutputStream();
        out.write(answer);
        out.flush();
      } catch (IOException e) {
        if (socket.isClosed()) {
          return;
        }
      }
    }
  }

  private static String request(InputStream in) throws IOException {
    StringBuilder text = new StringBuilder();
    while (!text.toString().endsWith("\r\n\r\n")) {
      text.append((char) in.read());
    }
    for (String line : text.toString().split("\r\n", -1)) {
      if (line.toLowerCase(Locale.ROOT).startsWith("content-length: ")) {
        int length = Integer.parseInt(line.substring("content-length: ".length()));
        text.append(new String(in.readNBytes(length), StandardCharsets.ISO_8859_1));
      }
    }
    return text.toString();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
