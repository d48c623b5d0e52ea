package dev.sheaf.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.sheaf.cli.fixtures.Run;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the commands for several sites make of a site's answers. */
class SiteCommandsTest {
  private static final String STATUS =
      """
      {"self":"http://one.example","min_ulid":"01A","max_ulid":"01B","bytes":40960,
       "tables":[{"name":"branches","rows":7,"bytes":900},{"name":"repos","rows":5,"bytes":10}],
       "peers":[
         {"host":"http://two.example","state":"streaming","seen_at":"2026-06-01T12:00:00Z",
          "behind_ops":3,"behind_seconds":12,"error":null},
         {"host":"http://three.example","state":"lost","seen_at":null,"behind_ops":12,
          "behind_seconds":900,"error":"connection refused\\u001b[2J",
          "failing_since":"2026-06-01T11:00:00Z"}],
       "failed_ops":{"count":1,"oldest":[{"ulid":"01KTV4YZ000000000000000001","action":"update",
         "table":"branches","host":"http://two.example","error":"has another home since",
         "attempts":7,"failed_at":"2026-06-01T10:00:00Z"}]},
       "counters":{}}
      """;
  private static final String PLAN =
      """
      {"dormant_tables":{"old":4},"dormant_bytes":100,"retention_rows":0,"retention_bytes":0,
       "retention_skip_reason":"empty cursor for peer http://three.example blocks deletion",
       "pinned_by":"http://three.example","pinned_since":"2026-04-01T00:00:00Z",
       "held_rows":1000000,"held_bytes":41000,"peers":[]}
      """;
  private static final String HOME =
      """
      {"repo_id":"r","home":"http://two.example","here":false,"moves":2,"epoch":8589934592}
      """;

  @TempDir Path folder;
  private final Map<String, String> answers = new HashMap<>();

  /** Of the status, before the one in {@link #answers}. */
  private final Queue<String> statuses = new ConcurrentLinkedQueue<>();

  private final List<String> requests = Collections.synchronizedList(new ArrayList<>());
  private HttpServer server;
  private String url = "";
  private int status = 200;

  /** What is at a path without an answer. */
  private int otherStatus = 200;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            exchange.getRequestBody().readAllBytes();
            String path = exchange.getRequestURI().toString();
            requests.add(exchange.getRequestMethod() + " " + path);
            String first = path.endsWith("/status") ? statuses.poll() : null;
            byte[] body =
                (first == null ? answers.getOrDefault(path, "{}") : first).getBytes(UTF_8);
            exchange.getResponseHeaders().add("Content-Type", "application/json");
            boolean isKnown = first != null || answers.containsKey(path);
            exchange.sendResponseHeaders(isKnown ? status : otherStatus, body.length);
            exchange.getResponseBody().write(body);
          }
        });
    server.start();
    url = "http://127.0.0.1:" + server.getAddress().getPort();
    answers.put("/live/internal/crud/status", STATUS);
    answers.put("/live/internal/ops/plan", PLAN);
    answers.put("/live/me/project/home", HOME);
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private Run run(String... words) {
    return Run.of(folder, Map.of("SHEAF_TOKEN", "secret"), words);
  }

  @Test
  void statusSaysWhoIsBehindAndWhatFailed() {
    Run run = run("status", url + "/live");
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("http://one.example: 12 ops, 41.0 kB")
        .contains("http://two.example  streaming  3 ops behind, 12 s, last asked 2026-06-01")
        .contains("http://three.example  lost  never asked")
        .contains("not followed since 2026-06-01T11:00:00Z: connection refused\\u001b[2J")
        .contains("1 op could not be applied:")
        .contains("update branches of http://two.example: has another home since")
        .contains(
            "retention waits for http://three.example, which has read up to 2026-04-01T00:00:00Z:"
                + " it keeps at least 1000000 ops, 41.0 kB");
  }

  @Test
  void statusAsJsonIsWhatTheSiteSays() {
    assertThat(run("status", "--json", url + "/live").out())
        .contains("\"behind_ops\":3", "\"pinned_by\":\"http://three.example\"");
  }

  @Test
  void theUrlOfARepositoryNamesItsSite() {
    assertThat(run("status", url + "/live/me/project").exit()).isZero();
    assertThat(requests)
        .containsOnly("GET /live/internal/crud/status", "GET /live/internal/ops/plan");
  }

  @Test
  void thePlanSaysWhyNothingGoes() {
    assertThat(run("ops", "plan", url + "/live").out())
        .contains("retention: deletes nothing, empty cursor for peer http://three.example")
        .contains("retention waits for http://three.example")
        .contains("dormant table old: 4 ops");
  }

  @Test
  void whatCannotBeAppliedIsListedAndGivenUp() {
    assertThat(run("ops", "failed", url + "/live").out())
        .contains(
            "1 op not applied",
            "01KTV4YZ000000000000000001  update branches of http://two.example, tried 7 times"
                + " since 2026-06-01T10:00:00Z: has another home since");
    String drop = "/live/internal/ops/failed/drop?";
    answers.put(drop + "ulid=01KTV4YZ000000000000000001", "{\"dropped\":1}");
    answers.put(drop + "all=true", "{\"dropped\":12}");
    assertThat(run("ops", "failed", "--drop", "01KTV4YZ000000000000000001", url + "/live").out())
        .contains("1 op given up");
    assertThat(run("ops", "failed", "--drop-all", url + "/live").out()).contains("12 ops given up");
    assertThat(requests).contains("POST " + drop + "all=true");
  }

  private static String followed(int done, String peers) {
    return "{\"follow\":{\"asked\":9,\"done\":%d,\"peers\":[%s]}}".formatted(done, peers);
  }

  @Test
  void aSweepWaitsUntilAllPeersAreFollowed() {
    answers.put("/live/internal/crud/follow", "{\"request\":9}");
    String two = "{\"host\":\"http://two.example\",\"caught_up\":true,\"applied\":3,\"failed\":1}";
    statuses.add(followed(8, ""));
    answers.put("/live/internal/crud/status", followed(9, two));
    Run run = run("ops", "sweep", url + "/live");
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.out())
        .isEqualTo("http://two.example  caught up, 3 new ops, 1 op kept to be tried again\n");
    assertThat(requests)
        .containsExactly(
            "POST /live/internal/crud/follow",
            "GET /live/internal/crud/status",
            "GET /live/internal/crud/status");
    assertThat(run("ops", "sweep", "--json", url + "/live").out()).contains("\"done\":9", two);
  }

  @Test
  void aSweepThatHadNoTimeForAllIsAskedForAgainAndAPeerThatFailsIsSaid() {
    answers.put("/live/internal/crud/follow", "{\"request\":9}");
    String fails = "{\"host\":\"http://two.example\",\"caught_up\":false,\"error\":\"HTTP 503\"}";
    statuses.add(followed(9, "{\"host\":\"http://one.example\",\"caught_up\":false}"));
    answers.put("/live/internal/crud/status", followed(9, fails));
    Run run = run("ops", "sweep", url + "/live");
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.out()).isEqualTo("http://two.example  not followed: HTTP 503\n");
    assertThat(requests).filteredOn(request -> request.startsWith("POST")).hasSize(2);
  }

  @Test
  void aSweepThatDoesNotComeToAnEndIsGivenUp() {
    answers.put("/live/internal/crud/follow", "{\"request\":9}");
    answers.put("/live/internal/crud/status", followed(8, ""));
    Run run = run("ops", "sweep", "--timeout", "0", url + "/live");
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err()).contains("has not followed its peers within 0 s");
    Run asked = run("ops", "sweep", "--no-wait", url + "/live");
    assertThat(asked.exit()).isZero();
    assertThat(asked.out()).isEqualTo("request 9\n");
  }

  @Test
  void statusSaysWhatIsAwaited() {
    answers.put(
        "/live/internal/crud/status",
        STATUS.replace(
            "\"counters\":{}",
            "\"awaited\":{\"bundles\":2,\"packs\":0,\"refs\":1,\"for_an_hour\":1}"));
    assertThat(run("status", url + "/live").out())
        .contains("peers told of what is not here yet: 2 bundles, 1 ref; for more than an hour: 1");
  }

  @Test
  void homeIsShownAndTaken() {
    assertThat(run("home", url + "/live/me/project").out())
        .isEqualTo("http://two.example (moved 2 times)\n");
    assertThat(run("home", url + "/live/me/project", "--take").exit()).isZero();
    assertThat(requests).containsExactly("GET /live/me/project/home", "POST /live/me/project/home");
  }

  @Test
  void aRepositoryIsOpenedAndClosed() {
    answers.put("/live/me/project/visibility", "{\"repo_id\":\"r\",\"public\":true}");
    Run open = run("visibility", "public", url + "/live/me/project");
    assertThat(open.out()).isEqualTo(url + "/live/me/project is public now\n");
    assertThat(run("visibility", "--json", "public", url + "/live/me/project").out())
        .contains("\"public\":true");
    assertThat(requests).containsOnly("POST /live/me/project/visibility");
    assertThat(run("visibility", "open", url + "/live/me/project").exit()).isEqualTo(2);
  }

  @Test
  void aRepositoryIsDeletedByWhoMeansItAndTakenBack() {
    answers.put(
        "/live/me/project/deletion",
        "{\"repo_id\":\"r\",\"deleted_at\":\"2026-06-01T11:00:00Z\","
            + "\"bytes_until\":\"2026-06-15T11:00:00Z\"}");
    Run asked = run("delete", url + "/live/me/project");
    assertThat(asked.exit()).isEqualTo(1);
    assertThat(asked.err()).contains("--yes deletes me/project");
    assertThat(requests).as("nothing was sent").isEmpty();

    Run deleted = run("delete", "--yes", url + "/live/me/project");
    assertThat(deleted.exit()).as(deleted.err()).isZero();
    assertThat(deleted.out())
        .contains("is deleted; until 2026-06-15T11:00:00Z 'sheaf delete --undo' takes it back");
    assertThat(run("delete", "--yes", "--json", url + "/live/me/project").out())
        .contains("\"deleted_at\":\"2026-06-01T11:00:00Z\"");
    assertThat(run("delete", "--undo", url + "/live/me/project").out())
        .isEqualTo(url + "/live/me/project is there again\n");
    assertThat(requests).containsOnly("POST /live/me/project/deletion");
    assertThat(run("delete", "--yes").exit()).as("never SHEAF_URL").isEqualTo(2);
  }

  @Test
  void aRepositoryGetsAnotherName() {
    answers.put("/live/me/project/name", "{\"repo_id\":\"r\",\"name\":\"me/other\"}");
    Run renamed = run("rename", url + "/live/me/project", "other");
    assertThat(renamed.out()).isEqualTo(url + "/live/me/project is me/other now\n");
    assertThat(run("rename", "--json", url + "/live/me/project", "other").out())
        .contains("\"name\":\"me/other\"");
    assertThat(requests).containsOnly("POST /live/me/project/name");
    assertThat(run("rename", url + "/live/me/project").exit()).isEqualTo(2);
  }

  /** By path on LocalStack: {@code /_aws/execute-api/ID/STAGE}. */
  @Test
  void aSiteWhosePathMightBeARepositorysIsFoundToo() {
    otherStatus = 404;
    answers.put("/of/some/live/internal/ops/plan", "{\"dormant\":[]}");
    Run plan = run("ops", "plan", "--json", url + "/of/some/live");
    assertThat(plan.exit()).as(plan.err()).isZero();
    assertThat(requests)
        .containsExactly("GET /of/internal/ops/plan", "GET /of/some/live/internal/ops/plan");
  }

  @Test
  void aRefusalIsTheSitesSentence() {
    status = 403;
    answers.put("/live/internal/crud/status", "{\"error\":\"forbidden\",\"detail\":\"not you\"}");
    Run run = run("status", url + "/live");
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err()).isEqualTo("sheaf: not you\n");
  }
}
