package dev.sheaf.localstack.servers.postgres;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The running server, and a shell that waits beside it for this JVM to end: it reads from a pipe
 * that only the JVM holds open, and stops the server when the pipe closes. The shell and the server
 * take no notice of Ctrl-C in a terminal, so that the functions can finish before their database
 * goes.
 */
final class Postmaster {
  private static final long PATIENCE_MILLIS = 60_000;
  private static final long POLL_MILLIS = 5;

  /**
   * $1 the server, $2 data folder, $3 signal that stops it, $4 folder to remove then, $5 options,
   * $6... prefix. The server is a child of the shell, not a daemon, so that it is reaped also where
   * process 1 does not do that, as in many containers.
   */
  private static final String WATCH =
      """
      trap '' INT TERM HUP QUIT
      server=$1 data=$2 signal=$3 remove=$4 options=$5
      shift 5
      if command -v setsid >/dev/null 2>&1; then detach=setsid; else detach=; set -m; fi
      $detach "$@" "$server" -D "$data" $options </dev/null >>"$data/server.log" 2>&1 &
      child=$!
      read -r _
      kill -"$signal" "$child"
      wait "$child"
      if [ -n "$remove" ]; then rm -rf "$remove"; fi
      """;

  private final Process shell;
  private final int port;
  private final long pid;

  private Postmaster(Process shell, int port, long pid) {
    this.shell = shell;
    this.port = port;
    this.pid = pid;
  }

  /** What a commit survives. */
  enum Durability {
    /** Nothing: the data goes with the process. */
    NONE("QUIT", "off"),
    /** A crash of the process or the machine. */
    FULL("INT", "on");

    private final String stopSignal;
    private final String onOrOff;

    Durability(String stopSignal, String onOrOff) {
      this.stopSignal = stopSignal;
      this.onOrOff = onOrOff;
    }
  }

  /**
   * Starts the server and waits until it takes connections.
   *
   * @param remove deleted after the server has stopped, also when it does not start; null keeps
   *     everything
   * @param port to listen on; 0 for any that is free
   * @throws PortTakenException when somebody was faster to the port; try again
   */
  static Postmaster start(
      Binaries binaries,
      Unprivileged unprivileged,
      Path data,
      Durability durability,
      @Nullable Path remove,
      int port)
      throws IOException {
    int listens = port == 0 ? freePort() : port;
    String stale = text(data.resolve("postmaster.pid"));
    Process shell = launch(binaries, unprivileged, data, durability, remove, listens);
    Long pid = awaitReady(shell, data, stale);
    if (pid != null) {
      return new Postmaster(shell, listens, pid);
    }
    String log = text(data.resolve("server.log"));
    end(shell);
    if (log.contains("Address already in use")) {
      throw new PortTakenException();
    }
    throw new IOException("Postgres does not start on " + data + ": " + log.strip());
  }

  /** Between finding a free port and the server's bind, another process took it. */
  static final class PortTakenException extends IOException {
    private PortTakenException() {
      super("the port chosen for Postgres is taken");
    }
  }

  private static Process launch(
      Binaries binaries,
      Unprivileged unprivileged,
      Path data,
      Durability durability,
      @Nullable Path remove,
      int port)
      throws IOException {
    Files.deleteIfExists(data.resolve("server.log"));
    List<String> command = new ArrayList<>(List.of("sh", "-c", WATCH, "sheaf-postgres"));
    command.add(binaries.programs().resolve("postgres").toString());
    command.add(data.toString());
    command.add(durability.stopSignal);
    command.add(remove == null ? "" : remove.toString());
    command.add(options(durability, port));
    command.addAll(unprivileged.prefix().isEmpty() ? List.of("env") : unprivileged.prefix());
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  private static String options(Durability durability, int port) {
    List<String> settings = new ArrayList<>();
    for (String each : List.of("fsync", "full_page_writes", "synchronous_commit")) {
      settings.add(each + "=" + durability.onOrOff);
    }
    settings.add("port=" + port);
    settings.add("listen_addresses=127.0.0.1");
    settings.add("unix_socket_directories=");
    settings.add("max_connections=200");
    settings.add("timezone=UTC");
    // What a single small server does not need, left out for a quick start.
    settings.add("wal_level=minimal");
    settings.add("max_wal_senders=0");
    settings.add("max_logical_replication_workers=0");
    settings.add("io_method=sync");
    settings.add("jit=off");
    StringBuilder options = new StringBuilder();
    settings.forEach(setting -> options.append(" -c ").append(setting));
    return options.toString();
  }

  /**
   * The server's process id, or null when it ended instead of getting ready.
   *
   * @param stale what a server that was killed had left in the pid file
   */
  private static @Nullable Long awaitReady(Process shell, Path data, String stale)
      throws IOException {
    for (long waited = 0; waited < PATIENCE_MILLIS; waited += POLL_MILLIS) {
      String state = text(data.resolve("postmaster.pid"));
      List<String> lines = state.lines().toList();
      if (!state.equals(stale) && lines.size() >= 8 && lines.get(7).strip().equals("ready")) {
        return PostgresServer.toPid(lines.getFirst());
      }
      try {
        boolean ended = shell.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS);
        boolean gone = waited > 1000 && shell.children().findAny().isEmpty();
        if (ended || gone || text(data.resolve("server.log")).contains("FATAL")) {
          return null;
        }
      } catch (InterruptedException e) {
        end(shell);
        Thread.currentThread().interrupt();
        throw new IOException("interrupted while Postgres started", e);
      }
    }
    return null;
  }

  /** A file's text; empty when there is none (any more). */
  private static String text(Path file) throws IOException {
    try {
      return Files.readString(file, UTF_8);
    } catch (NoSuchFileException e) {
      return "";
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  int port() {
    return port;
  }

  long pid() {
    return pid;
  }

  void close() {
    end(shell);
  }

  private static void end(Process shell) {
    try {
      shell.getOutputStream().close();
      shell.waitFor(30, TimeUnit.SECONDS);
    } catch (IOException e) {
      // The pipe is gone because the shell is.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
