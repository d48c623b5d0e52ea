package dev.sheaf.localstack.servers.postgres;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
class PostgresServerTest {
  @TempDir private Path folder;

  /** A process to kill: starts a server, kept in a folder or temporary, and waits. */
  static final class Victim {
    private Victim() {}

    public static void main(String[] args) throws Exception {
      PostgresServer postgres =
          args.length == 0 ? PostgresServer.temporary() : PostgresServer.in(Path.of(args[0]));
      System.out.println(postgres.pid());
      System.out.println(postgres.superuserUrl("postgres"));
      System.out.println(one(postgres.superuserUrl("postgres"), "show data_directory"));
      System.out.flush();
      Thread.currentThread().join();
    }
  }

  @Test
  void aTemporaryServerLeavesNothingBehind() throws Exception {
    long pid;
    Path data;
    try (PostgresServer postgres = PostgresServer.temporary()) {
      pid = postgres.pid();
      data = Path.of(one(postgres.superuserUrl("postgres"), "show data_directory"));
      assertThat(data).exists();
      assertThat(postgres.createDatabase("one")).isTrue();
      assertThat(postgres.createDatabase("one")).isFalse();
      assertThat(one(postgres.jdbcUrl("one"), "select 'a' < 'B'"))
          .as("texts sort as people sort them, unless the SQL asks for bytes")
          .isEqualTo("t");
    }
    assertThat(isRunning(pid)).isFalse();
    assertThat(data.getParent()).doesNotExist();
  }

  @Test
  void aKeptServerForcesCommitsToDiskAndSurvivesItsOwnDeath() throws Exception {
    Path data = folder.resolve("data");
    try (PostgresServer postgres = PostgresServer.in(data)) {
      assertThat(one(postgres.superuserUrl("postgres"), "show fsync")).isEqualTo("on");
      assertThat(one(postgres.superuserUrl("postgres"), "show synchronous_commit")).isEqualTo("on");
      run(postgres.superuserUrl("postgres"), "create table t as select 42 as n");
      kill(postgres.pid());
    }
    try (PostgresServer postgres = PostgresServer.in(data)) {
      assertThat(one(postgres.superuserUrl("postgres"), "select n from t")).isEqualTo("42");
    }
  }

  /** It gives up on a disk that is full, for one. */
  @Test
  void aKeptServerThatStoppedIsStartedAgainAtTheSameAddress() throws Exception {
    Path data = folder.resolve("data");
    try (PostgresServer postgres = PostgresServer.in(data)) {
      String url = postgres.superuserUrl("postgres");
      long first = postgres.pid();
      run(url, "create table t as select 42 as n");
      kill(first);
      while (postgres.pid() == first) {
        Thread.sleep(10); // or the build's time limit
      }
      assertThat(one(url, "select n from t")).isEqualTo("42");
    }
    assertThat(Files.exists(data.resolve("postmaster.pid"))).isFalse();
  }

  @Test
  void aKilledProcessTakesItsServersWithIt() throws Exception {
    Path data = folder.resolve("data");
    Process kept = start(data.toString());
    Process temporary = start();
    try (BufferedReader keptOut = kept.inputReader(UTF_8);
        BufferedReader temporaryOut = temporary.inputReader(UTF_8)) {
      long keptPid = Long.parseLong(keptOut.readLine());
      run(keptOut.readLine(), "create table t as select 42 as n");
      long temporaryPid = Long.parseLong(temporaryOut.readLine());
      temporaryOut.readLine();
      Path gone = Path.of(temporaryOut.readLine()).getParent();
      kept.destroyForcibly();
      temporary.destroyForcibly();
      awaitEnd(keptPid);
      awaitEnd(temporaryPid);
      while (Files.exists(gone)) {
        Thread.sleep(10); // until the shell has deleted it, or the build's time limit
      }
    }
    try (PostgresServer postgres = PostgresServer.in(data)) {
      assertThat(one(postgres.superuserUrl("postgres"), "select n from t")).isEqualTo("42");
    }
  }

  @Test
  void aServerThatIsStillThereIsStoppedFirst() throws Exception {
    Path data = folder.resolve("data");
    Process victim = start(data.toString());
    try (BufferedReader out = victim.inputReader(UTF_8)) {
      long pid = Long.parseLong(out.readLine());
      run(out.readLine(), "create table t as select 42 as n");
      // The watching shell first, so that nobody is left to stop the server.
      victim.children().forEach(ProcessHandle::destroyForcibly);
      victim.destroyForcibly().waitFor();
      assertThat(isRunning(pid)).isTrue();
      try (PostgresServer postgres = PostgresServer.in(data)) {
        assertThat(isRunning(pid)).isFalse();
        assertThat(one(postgres.superuserUrl("postgres"), "select n from t")).isEqualTo("42");
      }
    }
  }

  @Test
  void anotherProgramWithTheOldProcessIdIsLeftAlone() throws Exception {
    Path data = folder.resolve("data");
    PostgresServer.in(data).close();
    Process innocent = new ProcessBuilder("sleep", "1000").start();
    try {
      Files.writeString(data.resolve("postmaster.pid"), innocent.pid() + "\n" + data + "\n");
      try (PostgresServer postgres = PostgresServer.in(data)) {
        assertThat(one(postgres.superuserUrl("postgres"), "select 1")).isEqualTo("1");
      }
      assertThat(innocent.isAlive()).isTrue();
    } finally {
      innocent.destroyForcibly();
    }
  }

  @Test
  void runsAsNobodyWhereRootHasNoNamespaces() throws Exception {
    assumeThat(Files.getOwner(folder).getName()).isEqualTo("root");
    var asNobody =
        new Unprivileged(
            List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"), "65534:65534");
    try (PostgresServer postgres = PostgresServer.temporary(asNobody)) {
      assertThat(one(postgres.superuserUrl("postgres"), "select 1")).isEqualTo("1");
    }
  }

  private static Process start(String... args) throws IOException {
    List<String> command =
        new java.util.ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Victim.class.getName()));
    command.addAll(List.of(args));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  private static void kill(long pid) throws Exception {
    ProcessHandle.of(pid).orElseThrow().destroyForcibly();
    awaitEnd(pid);
  }

  private static void awaitEnd(long pid) throws Exception {
    while (isRunning(pid)) {
      Thread.sleep(10); // or the build's time limit
    }
  }

  /** A dead process that nobody has asked about yet still has a number, but no program. */
  private static boolean isRunning(long pid) {
    return ProcessHandle.of(pid).flatMap(process -> process.info().command()).isPresent();
  }

  static String one(String url, String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      assertThat(rows.next()).isTrue();
      return rows.getString(1);
    }
  }

  private static void run(String url, String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
