package dev.sheaf.localstack.servers.postgres;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Postgres of our own on the loopback interface, one child process with its children. However
 * this JVM ends, also by {@code kill -9}, the server stops soon after, and a temporary one takes
 * its folder with it.
 */
public final class PostgresServer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(PostgresServer.class);

  /** Between two looks at a server, and two attempts to start one that has stopped. */
  private static final int WATCH_SECONDS = 1;

  private static final int PORT_ATTEMPTS = 5;

  /** SQL state of a database that is there already. */
  private static final String EXISTS = "42P04";

  private volatile Postmaster postmaster;
  private final Path folder;
  private final Roles roles;
  private final CountDownLatch closed = new CountDownLatch(1);

  private PostgresServer(Postmaster postmaster, Path folder, Roles roles) {
    this.postmaster = postmaster;
    this.folder = folder;
    this.roles = roles;
  }

  /** Starts a server for this process only: nothing is forced to disk, nothing is kept. */
  public static PostgresServer temporary() throws IOException {
    return temporary(Unprivileged.detect());
  }

  static PostgresServer temporary(Unprivileged unprivileged) throws IOException {
    Binaries binaries = Binaries.prepare(unprivileged);
    RandomGenerator random = new SecureRandom();
    Roles roles = Roles.draw(random);
    return onAnyFreePort(() -> {
      Path folder = Files.createTempDirectory("sheaf-");
      Path data = folder.resolve("data");
      Folders.copy(binaries.template(), data);
      unprivileged.own(folder);
      roles.install(binaries, unprivileged, data, random);
      return new PostgresServer(
          Postmaster.start(binaries, unprivileged, data, Postmaster.Durability.NONE, folder, 0),
          folder,
          roles);
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
    unprivileged.letThrough(Objects.requireNonNull(data.getParent()));
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
    RandomGenerator random = new SecureRandom();
    Roles roles = Roles.draw(random);
    roles.install(binaries, unprivileged, data, random);
    Again start =
        port ->
            Postmaster.start(binaries, unprivileged, data, Postmaster.Durability.FULL, null, port);
    PostgresServer server = onAnyFreePort(() -> new PostgresServer(start.on(0), data, roles));
    Thread.ofVirtual().name("watch Postgres").start(() -> server.watch(start));
    return server;
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

  /** Starts the server anew. */
  private interface Again {
    Postmaster on(int port) throws IOException;
  }

  /**
   * A server on a full disk gives up, for good: whoever uses it shall be served again as soon as
   * there is room, at the same address.
   */
  private void watch(Again start) {
    try {
      while (!closed.await(WATCH_SECONDS, TimeUnit.SECONDS)) {
        if (!isRunning(postmaster.pid())) {
          log.error("Postgres on {} has stopped and is started again: {}", folder, lastWords());
          postmaster.close();
          restart(start);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** A dead process that its parent has not asked about yet has a number, but no program. */
  private static boolean isRunning(long pid) {
    return ProcessHandle.of(pid).flatMap(process -> process.info().command()).isPresent();
  }

  private void restart(Again start) throws InterruptedException {
    int port = postmaster.port();
    while (!closed.await(WATCH_SECONDS, TimeUnit.SECONDS)) {
      try {
        postmaster = start.on(port);
        if (closed.await(0, TimeUnit.SECONDS)) {
          postmaster.close();
        }
        log.warn("Postgres on {} runs again", folder);
        return;
      } catch (IOException e) {
        log.error("Postgres cannot be started again yet: {}", lastWords());
      }
    }
  }

  /** Why it stopped, as far as its log tells. */
  private String lastWords() {
    try (Stream<String> lines = Files.lines(folder.resolve("server.log"))) {
      return lines
          .filter(line -> line.contains("PANIC:") || line.contains("FATAL:"))
          .reduce((earlier, later) -> later)
          .orElse("its log does not say why");
    } catch (IOException | UncheckedIOException e) {
      return "its log cannot be read";
    }
  }

  private interface Start {
    PostgresServer run() throws IOException;
  }

  /**
   * A JDBC URL that connects as the functions' role to one of their databases. The password of this
   * run is in it: it is for the screen of whoever started the server, not for logs.
   */
  public String jdbcUrl(String database) {
    return url(database, Roles.FUNCTIONS, roles.functionsPassword());
  }

  /** As above, as the superuser, who may connect to any database: for tests that need another. */
  public String superuserUrl(String database) {
    return url(database, Roles.SUPERUSER, roles.superuserPassword());
  }

  private String url(String database, String user, String password) {
    return "jdbc:postgresql://127.0.0.1:%d/%s?user=%s&password=%s"
        .formatted(postmaster.port(), database, user, password);
  }

  /**
   * Creates an empty database of the functions' role; one that exists becomes theirs.
   *
   * @param name of letters, digits and underscores
   * @return whether it was created; false when it exists
   */
  public boolean createDatabase(String name) throws IOException {
    if (!name.matches("[a-z][a-z0-9_]{0,62}")) {
      throw new IllegalArgumentException("not a database name: " + name);
    }
    try {
      asSuperuser(
          Roles.SUPERUSER, List.of("create database " + name + " owner " + Roles.FUNCTIONS));
      return true;
    } catch (SQLException e) {
      if (!EXISTS.equals(e.getSQLState())) {
        throw new IOException("cannot create database " + name + ": " + e.getMessage(), e);
      }
    }
    try {
      asSuperuser(name, Roles.handOver(name));
      return false;
    } catch (SQLException e) {
      throw new IOException("cannot take over database " + name + ": " + e.getMessage(), e);
    }
  }

  /**
   * What the functions of one of several sites on this server connect to: a database of a role of
   * its own, which no other site's role may enter.
   *
   * @param name of the database
   * @param jdbcUrls makes a JDBC URL of a database's name, as the site's role; it holds the
   *     password of this run
   */
  public record SiteDatabase(String name, UnaryOperator<String> jdbcUrls) {
    /** Such a URL for this database. */
    public String jdbcUrl() {
      return jdbcUrls.apply(name);
    }
  }

  /**
   * Creates role and database of a site; those that exist are kept, and get a new password.
   *
   * @param site a short name of letters and digits
   */
  public synchronized SiteDatabase createSite(String site) throws IOException {
    if (!site.matches("[a-z][a-z0-9]{0,31}")) {
      throw new IllegalArgumentException("not a name of a site: " + site);
    }
    RandomGenerator random = new SecureRandom();
    Roles.SiteRole role = Roles.SiteRole.draw(site, random);
    String database = role.name();
    try {
      asSuperuser(Roles.SUPERUSER, role.statements(random));
      createOwned(database, role.name());
      asSuperuser(
          Roles.SUPERUSER, List.of("revoke connect on database " + database + " from public"));
    } catch (SQLException e) {
      throw new IOException("cannot create database " + database + ": " + e.getMessage(), e);
    }
    return new SiteDatabase(database, name -> url(name, role.name(), role.password()));
  }

  private void createOwned(String database, String role) throws SQLException {
    try {
      asSuperuser(Roles.SUPERUSER, List.of("create database " + database + " owner " + role));
    } catch (SQLException e) {
      if (!EXISTS.equals(e.getSQLState())) {
        throw e;
      }
    }
  }

  private void asSuperuser(String database, List<String> statements) throws SQLException {
    try (Connection connection = DriverManager.getConnection(superuserUrl(database));
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
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
    closed.countDown();
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
