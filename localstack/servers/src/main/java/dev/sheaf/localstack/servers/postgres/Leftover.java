package dev.sheaf.localstack.servers.postgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a killed process may have left on a data folder: a pid file, and a server that still runs.
 */
final class Leftover {
  private static final Logger log = LoggerFactory.getLogger(Leftover.class);

  private Leftover() {}

  /**
   * Stops a server that still runs on the folder; forgets a pid file that names another program.
   */
  static void stop(Binaries binaries, Unprivileged unprivileged, Path data) throws IOException {
    Path pidFile = data.resolve("postmaster.pid");
    Long pid = pid(pidFile);
    if (pid == null) {
      return;
    }
    if (isPostgres(pid)) {
      log.info("stopping the Postgres that an earlier run left on {}", data);
      unprivileged.run(
          List.of(
              binaries.programs().resolve("pg_ctl").toString(),
              "--pgdata=" + data,
              "--mode=fast",
              "--wait",
              "--silent",
              "stop"));
    } else {
      // The number belongs to somebody else by now, and Postgres would take that for a running one.
      Files.deleteIfExists(pidFile);
    }
  }

  static @Nullable Long pid(Path pidFile) throws IOException {
    List<String> lines = Files.exists(pidFile) ? Files.readAllLines(pidFile) : List.of();
    return lines.isEmpty() ? null : PostgresServer.toPid(lines.getFirst());
  }

  private static boolean isPostgres(long pid) {
    return ProcessHandle.of(pid)
        .flatMap(process -> process.info().command())
        .filter(command -> command.endsWith("postgres"))
        .isPresent();
  }
}
