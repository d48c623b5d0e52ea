package dev.sheaf.cli.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.sheaf.bundle.RefName;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.bundle.msgpack.Msgpack;
import dev.sheaf.cli.git.GitId;
import dev.sheaf.cli.git.Head;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Answers that come in pages. */
class RepositoryClientTest {
  private final Deque<String> answers = new ArrayDeque<>();
  private final List<String> requests = Collections.synchronizedList(new ArrayList<>());
  private final List<byte[]> bodies = Collections.synchronizedList(new ArrayList<>());
  private HttpServer server;
  private RepositoryClient client;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            bodies.add(exchange.getRequestBody().readAllBytes());
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
    String ref = "{\"name\":\"%s\",\"target\":\"%s\"}";
    answers.add(
        "{\"kind\":\"git\",\"head\":{\"symref\":\"refs/heads/main\"},\"refs\":[%s],\"next\":\"a/b\"}"
            .formatted(ref.formatted("refs/heads/main", "1".repeat(40))));
    answers.add(
        "{\"kind\":\"git\",\"refs\":[%s,{\"name_b64\":\"cmVmcy9oZWFkcy/p\",\"target\":\"%s\"}],\"next\":null}"
            .formatted(ref.formatted("refs/tags/1", "2".repeat(40)), "3".repeat(40)));
    SiteRefs refs = client.refs();
    assertThat(refs.head()).isEqualTo(new Head.Branch(RefName.of("refs/heads/main")));
    assertThat(refs.refs())
        .containsOnlyKeys(
            RefName.of("refs/heads/main"),
            RefName.ofBytes("refs/heads/\u00e9".getBytes(ISO_8859_1)),
            RefName.of("refs/tags/1"));
    assertThat(requests).hasSize(2).element(1).asString().endsWith("/refs?after=a%2Fb");
  }

  @Test
  void plansAreReadPageByPage() {
    String file = "{\"url\":\"http://127.0.0.1/x\",\"sha256\":\"%s\",\"size_bytes\":1}";
    answers.add("{\"packs\":[%s],\"next\":\"7\"}".formatted(file.formatted("1".repeat(64))));
    answers.add("{\"packs\":[],\"bundles\":[%s]}".formatted(file.formatted("2".repeat(64))));
    GitPlan plan = client.clonePlan(List.of());
    assertThat(plan.packs()).extracting(pack -> pack.id().hex()).containsExactly("1".repeat(64));
    assertThat(plan.bundles()).extracting(one -> one.id().hex()).containsExactly("2".repeat(64));
    assertThat(plan.sizeBytes()).isEqualTo(2);
    assertThat(requests).hasSize(2);
  }

  @Test
  void moreRefsThanARequestTakesGoInSeveralAndTheBundleInTheFirst() {
    List<RefUpdate> updates = manyUpdates();
    answers.add("{\"results\":[],\"pending\":true,\"job_id\":\"j\"}");
    answers.add("{\"results\":[]}");
    UpdateAnswer answer =
        client.update(
            Ids.object(new byte[0]), updates, new Head.Detached(new GitId("1".repeat(40))), false);
    assertThat(answer.jobs()).containsExactly("j");
    assertThat(requests).hasSize(2);
    assertThat(bodies).allMatch(body -> body.length < 4_500_000);
    assertThat(Msgpack.decodeMap(bodies.getFirst()))
        .containsKey("bundle_key")
        .doesNotContainKey("head");
    assertThat(Msgpack.decodeMap(bodies.getLast()))
        .containsKey("head")
        .doesNotContainKey("bundle_key");
  }

  /** All or none holds for a request. */
  @Test
  void anAtomicPushIsOneRequestHoweverManyRefsItMoves() throws IOException {
    answers.add("{\"results\":[]}");
    List<RefUpdate> updates = updates(100_000);
    RepositoryClient.requireOneRequest(updates);
    client.update(
        Ids.object(new byte[0]), updates, new Head.Detached(new GitId("1".repeat(40))), true);
    assertThat(requests).hasSize(1);
    assertThat(bodies.getFirst()).hasSizeLessThan(4_500_000);
    Map<String, @Nullable Object> document = Msgpack.decodeMap(bodies.getFirst());
    assertThat(document)
        .containsKeys("bundle_key", "head")
        .containsEntry("atomic", true)
        .containsEntry("brief", true);
    byte[] packed = (byte[]) Objects.requireNonNull(document.get("packed_updates"));
    Map<String, @Nullable Object> unpacked =
        Msgpack.decodeMap(new GZIPInputStream(new ByteArrayInputStream(packed)).readAllBytes());
    assertThat((List<?>) Objects.requireNonNull(unpacked.get("updates"))).hasSize(100_000);
  }

  @Test
  void whatDoesNotFitIntoOneRequestIsRefusedBeforeAnythingIsSent() {
    assertThatThrownBy(() -> RepositoryClient.requireOneRequest(updates(300_000)))
        .isInstanceOf(SheafException.class)
        .hasMessageContaining("the push names 300000 refs, more than fit into one request")
        .hasMessageEndingWith("nothing was sent; push some of them at a time");
    assertThat(requests).isEmpty();
  }

  private static List<RefUpdate> manyUpdates() {
    return updates(30_000);
  }

  /** With ids as little alike as real ones. */
  private static List<RefUpdate> updates(int count) {
    Random random = new Random(1);
    List<RefUpdate> updates = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      byte[] id = new byte[20];
      random.nextBytes(id);
      updates.add(
          new RefUpdate(
              RefName.of("refs/tags/build/" + i),
              RefUpdate.Expected.NOTHING,
              new GitId(HexFormat.of().formatHex(id)),
              false));
    }
    return updates;
  }
}
