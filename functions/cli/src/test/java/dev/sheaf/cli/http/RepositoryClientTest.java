package dev.sheaf.cli.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.sheaf.bundle.history.GitRefs;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Answers that come in pages. */
class RepositoryClientTest {
  private final Deque<String> answers = new ArrayDeque<>();
  private final List<String> requests = Collections.synchronizedList(new ArrayList<>());
  private HttpServer server;
  private RepositoryClient client;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            exchange.getRequestBody().readAllBytes();
            requests.add(exchange.getRequestURI().toString());
            byte[] body = answers.removeFirst().getBytes(UTF_8);
            exchange.getResponseHeaders().add("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
          }
        });
    server.start();
    String url = "http://127.0.0.1:" + server.getAddress().getPort() + "/o/r";
    client =
        RepositoryClient.anonymous(new Transport(duration -> {}), RemoteUrl.parse(url), "none");
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void refsAreReadPageByPage() {
    answers.add(
        """
        {"default_branch":"main","branch_heads":{"a/b":"c1"},"git":null,"next":"branch:a/b"}\
        """);
    answers.add(
        """
        {"default_branch":"main","branch_heads":{"main":"c2"},"next":"git:refs/tags/1",
        "git":{"head":"refs/heads/main","refs":{"refs/tags/1":{"target":"%s","commit":"c1"}}}}\
        """
            .formatted("1".repeat(40)));
    answers.add(
        """
        {"default_branch":"main","branch_heads":{},"next":null,
        "git":{"refs":{"refs/tags/2":{"target":"%s","commit":"c2"}}}}\
        """
            .formatted("2".repeat(40)));
    RemoteRefs refs = client.refs();
    assertThat(refs.branchHeads()).containsOnlyKeys("a/b", "main");
    assertThat(refs.defaultBranch()).isEqualTo("main");
    GitRefs git = refs.git();
    assertThat(git == null ? null : git.head()).isEqualTo("refs/heads/main");
    assertThat(git == null ? Set.of() : git.refs().keySet())
        .containsExactlyInAnyOrder("refs/tags/1", "refs/tags/2");
    assertThat(requests).hasSize(3).element(1).asString().endsWith("/refs?after=branch%3Aa%2Fb");
  }

  @Test
  void plansAreReadPageByPage() {
    String bundle = "{\"url\":\"http://127.0.0.1/x\",\"sha256\":\"%s\",\"size_bytes\":1}";
    answers.add(
        "{\"bundles\":[%s],\"complete\":true,\"next\":\"wanted:0:7\"}"
            .formatted(bundle.formatted("1".repeat(64))));
    answers.add(
        "{\"bundles\":[%s],\"complete\":false,\"next\":null}"
            .formatted(bundle.formatted("2".repeat(64))));
    ClonePlan plan = client.clonePlan(List.of("c2"));
    assertThat(plan.bundles())
        .extracting(file -> file.id().hex())
        .containsExactly("1".repeat(64), "2".repeat(64));
    assertThat(plan.isComplete()).isFalse();
    assertThat(requests).hasSize(2);
  }

  /** As a site of an older version answers. */
  @Test
  void aPlanWithoutPagesIsWhole() {
    answers.add("{\"bundles\":[]}");
    assertThat(client.clonePlan(List.of("c")).isComplete()).isTrue();
  }
}
