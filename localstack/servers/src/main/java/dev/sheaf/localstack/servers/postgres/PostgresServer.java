package dev.sheaf.localstack.servers.postgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A Postgres of our own on the loopback interface, one child process with its children. However
 * this JVM ends, also by {@code kill -9}, the server stops soon after, and a temporary one takes
 * its folder with it.
 */
public final class PostgresServer implements AutoCloseable {
  private static final String USER = "postgres";
  private static final int PORT_ATTEMPTS = 5;

  private final Postmaster postmaster;
  private final Path folder;

  private PostgresServer(Postmaster postmaster, Path folder) {
    this.postmaster = postmaster;
    this.folder = folder;
  }

  /** Starts a server for this process only: nothing is forced to disk, nothing is kept. */
  public static PostgresServer temporary() throws IOException {
    return temporary(Unprivileged.detect());
  }

  static PostgresServer temporary(Unprivileged unprivileged) throws IOException {
    Binaries binaries = Binaries.prepare(unprivileged);
    return onAnyFreePort(() -> {
      Path folder = Files.createTempDirectory("sheaf-");
      Path data = folder.resolve("data");
      Folders.copy(binaries.template(), data);
      unprivileged.own(folder);
      return new PostgresServer(
          Postmaster.start(binaries, unprivileged, data, Postmaster.Durability.NONE, folder),
          folder);
    });
  }

  /**
   * Starts a server on a folder that is kept: every commit that was acknowledged is there again
   * after a crash. A server that a killed process left behind on the folder is stopped first; the
   * caller sees to it that no living process uses the folder.
   *
   * @param folder created with an empty cluster when it does not exist
   */
  public static PostgresServer in(Path folder) throws IOException {
    return in(folder, Unprivileged.detect());
  }

  static PostgresServer in(Path folder, Unprivileged unprivileged) throws IOException {
    Binaries binaries = Binaries.prepare(unprivileged);
    Path data = folder.toAbsolutePath();
    Leftover.stop(binaries, unprivileged, data);
    if (!Files.exists(data)) {
      // Copied beside and renamed, so that a crash here leaves no half of a cluster.
      Path fresh = data.resolveSibling(data.getFileName() + ".new");
      Folders.delete(fresh);
      Folders.copy(binaries.template(), fresh);
      unprivileged.own(fresh);
      unprivileged.run(
          List.of(
              binaries.programs().resolve("initdb").toString(),
              "--sync-only",
              "--pgdata=" + fresh));
      Files.move(fresh, data);
    }
    return onAnyFreePort(() ->
        new PostgresServer(
            Postmaster.start(binaries, unprivileged, data, Postmaster.Durability.FULL, null),
            data));
  }

  private static PostgresServer onAnyFreePort(Start start) throws IOException {
    for (int attempt = 1; ; attempt++) {
      try {
        return start.run();
      } catch (Postmaster.PortTakenException e) {
        if (attempt == PORT_ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  private interface Start {
    PostgresServer run() throws IOException;
  }

  /** A JDBC URL that connects as the superuser, with no password. */
  public String jdbcUrl(String database) {
    return "jdbc:postgresql://127.0.0.1:" + postmaster.port() + "/" + database + "?user=" + USER;
  }

  /**
   * Creates an empty database.
   *
   * @param name of letters, digits and underscores
   * @return whether it was created; false when it exists
   */
  public boolean createDatabase(String name) throws IOException {
    if (!name.matches("[a-z][a-z0-9_]{0,62}")) {
      throw new IllegalArgumentException("not a database name: " + name);
    }
    try (Connection connection = DriverManager.getConnection(jdbcUrl(USER));
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE DATABASE " + name);
      return true;
    } catch (SQLException e) {
      if ("42P04".equals(e.getSQLState())) {
        return false;
      }
      throw new IOException("cannot create database " + name + ": " + e.getMessage(), e);
    }
  }

  /**
   * The folder with the server's files. A temporary server's is deleted after it, however this
   * process ends, with whatever else was put there.
   */
  public Path folder() {
    return folder;
  }

  public int port() {
    return postmaster.port();
  }

  /** The process id of the server, for tests that kill it. */
  public long pid() {
    return postmaster.pid();
  }

  /** Stops the server and waits until it has; a temporary one's files are gone then. */
  @Override
  public void close() {
    postmaster.close();
  }

  static @Nullable Long toPid(String text) {
    try {
      return Long.valueOf(text.strip());
    } catch (NumberFormatException e) {
      return null;
    }
  }
}
