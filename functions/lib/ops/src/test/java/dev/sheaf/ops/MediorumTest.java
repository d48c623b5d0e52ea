package dev.sheaf.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sheaf.storage.catalog.Statement;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The original at one end or the other, with the ways that it has. */
class MediorumTest extends OpsTest {
  /**
   * Anonymous, one page a tick, knows no header of ours: goes on from the last op that it was
   * given, and stays where it is when it was given none.
   */
  private static final class Client {
    private final SweepServer server;
    private final List<String> ulids = new ArrayList<>();
    private String cursor = "";

    Client(SweepServer server) {
      this.server = server;
    }

    boolean tick() throws IOException {
      JsonNode ops = OpJson.MAPPER.readTree(server.forAnyone(cursor).body().text());
      for (JsonNode op : ops) {
        cursor = op.path("ulid").textValue();
        ulids.add(cursor);
      }
      return !ops.isEmpty();
    }
  }

  /** Also where for longer than a page nobody but others did anything. */
  @Test
  void aClientOfTheirsFollowsToTheEnd() throws IOException {
    fill(0, 10_500, SELF);
    fill(10_500, 21_000, PEER);
    fill(31_500, 700, SELF);
    Client client = new Client(new SweepServer(catalog, SELF));
    int ticks = 0;
    while (client.tick()) {
      ticks++;
      assertThat(ticks).isLessThan(10);
    }
    assertThat(client.ulids).hasSize(11_200).isSorted().doesNotHaveDuplicates();
    insertOld("things", 1, Duration.ZERO);
    assertThat(client.tick()).isTrue();
    assertThat(client.ulids).hasSize(11_201);
  }

  private void fill(int from, int count, String host) {
    catalog.execute(
        Statement.of(
                """
                insert into ops (position, ulid, host, action, "table", data)
                select p, p, :host, 'create', 'things', '[{"id":"x"}]'
                from (select :prefix || lpad(n::text, 16, '0') as p
                  from generate_series(:from::int, :to::int) n) positions
                """)
            .text("host", host)
            .text("prefix", Ulid.least(NOW.minusSeconds(60)).text().substring(0, 10))
            .number("from", from)
            .number("to", from + count - 1L));
  }

  /** Answers with the recorded bodies and headers, indented as production is. */
  private static final class Server implements SweepPeer {
    private static final String MIN = "01KNDZV6J00000000000000001";
    private final List<String> asked = new ArrayList<>();

    @Override
    public String host() {
      return PEER;
    }

    @Override
    public Answer sweep(String after) {
      asked.add(after);
      if (!after.isEmpty() && after.compareTo(MIN) < 0) {
        return answer("04-gap");
      }
      if (after.isEmpty()) {
        return answer("01-full-pretty");
      }
      return answer(
          after.compareTo("01KNDZV6J30000000000000004") <= 0 ? "03-after-mid" : "05-empty");
    }

    @Override
    public Answer snapshot(String table, String after) {
      return new Answer(
          404,
          _ -> Optional.empty(),
          new ByteArrayInputStream("{\"error\":404}".getBytes(StandardCharsets.UTF_8)));
    }

    private static Answer answer(String vector) {
      String headers = text(vector + ".headers.txt");
      return new Answer(
          200,
          name ->
              headers
                  .lines()
                  .filter(line -> line.regionMatches(true, 0, name + ": ", 0, name.length() + 2))
                  .map(line -> line.substring(name.length() + 2).strip())
                  .findAny(),
          new ByteArrayInputStream(text(vector + ".json").getBytes(StandardCharsets.UTF_8)));
    }

    private static String text(String name) {
      try (InputStream in = MediorumTest.class.getResourceAsStream("/vectors/" + name)) {
        return new String(in.readAllBytes(), StandardCharsets.UTF_8);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** What is not of this site is kept with its reason; the cursor ends at the last op. */
  @Test
  void ourClientFollowsAServerOfTheirs() throws IOException {
    Server server = new Server();
    SweepClient client = new SweepClient(catalog, applier(catalog), List.of(THINGS), clock);
    SweepClient.Tick tick = client.tick(server, () -> true);
    assertThat(tick.isCaughtUp()).isTrue();
    // All eight but the one of "blobs".
    assertThat(tick.failed() + tick.applied()).isEqualTo(7);
    Ulid end = Cursors.of(catalog, PEER).cursor().orElseThrow();
    assertThat(end.text()).startsWith("01KNDZV6J8");
    assertThat(client.tick(server, () -> true).pages()).isEqualTo(1);
    assertThat(server.asked).containsExactly("", end.text());
    assertThat(count("failed_ops")).isEqualTo(tick.failed());
  }

  @Test
  void ourClientStepsOverAGapOfTheirsAsTheySayIt() throws IOException {
    Cursors.advance(catalog, PEER, new Ulid("01KNBDEFJ00000000000000001"), NOW);
    Server server = new Server();
    SweepClient client = new SweepClient(catalog, applier(catalog), List.of(THINGS), clock);
    SweepClient.Tick tick = client.tick(server, () -> true);
    assertThat(tick.metGap()).isTrue();
    // All eight but the one of "blobs".
    assertThat(tick.failed() + tick.applied()).isEqualTo(7);
    assertThat(count("peer_snapshots")).isZero();
    client.tick(server, () -> true);
    assertThat(OpsCounter.SWEEP_GAP_ADVANCES.value(catalog)).isEqualTo(1);
  }

  /** As many as a site has files; theirs pass over them too. */
  @Test
  void blobsOpsOnlyMoveTheCursor() throws IOException {
    List<Op> ops = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      ops.add(new Op(at(NOW.plusMillis(i)), PEER, "create", "blobs", data("b" + i), false));
    }
    ops.add(op(at(NOW.plusMillis(99)), "create", data("thing")));
    ops.add(new Op(at(NOW.plusMillis(100)), PEER, "create", "blobs", data("last"), false));
    Defective server = new Defective().answers(200, Map.of(), page(ops));
    assertThat(client().tick(server, () -> true).applied()).isEqualTo(1);
    assertThat(Cursors.of(catalog, PEER).cursor()).contains(ops.getLast().ulid());
    assertThat(count("failed_ops")).isZero();
    // A site of ours has no such table: its op is one that this site lacks the means for.
    Op ours = new Op(at(NOW.plusMillis(200)), PEER, "create", "blobs", data("x"), false);
    String position = ours.ulid().text();
    server.answers(200, Map.of(SweepPage.LAST_SCANNED, position), page(List.of(ours)));
    client().tick(server, () -> true);
    assertThat(count("failed_ops")).isEqualTo(1);
  }

  /**
   * What the originals' servers are known for: a page of which all is filtered out, which never
   * ends; an error as text; a page that a cache has kept, with the gap of another time.
   */
  @Test
  void theirDefectsMoveNothingAndAreGotOver() throws IOException {
    Cursors.advance(catalog, PEER, at(NOW.minusSeconds(60)), NOW);
    Optional<Ulid> before = Cursors.of(catalog, PEER).cursor();
    Defective server = new Defective().answers(200, Map.of(), "[]\n");
    assertThat(client().tick(server, () -> true).isCaughtUp()).isTrue();
    assertThat(Cursors.of(catalog, PEER).cursor()).isEqualTo(before);
    server.answers(500, Map.of(), "Failed to query ops: timeout");
    assertThatThrownBy(() -> client().tick(server, () -> true)).hasMessageContaining("HTTP 500");
    assertThat(Cursors.of(catalog, PEER).cursor()).isEqualTo(before);
    Op next = op(at(NOW.minusSeconds(5)), "create", data("next"));
    Map<String, String> stale =
        Map.of(
            SweepPage.GAP,
            "true",
            SweepPage.AVAILABLE_MIN,
            Ulid.least(NOW.minusSeconds(600)).text());
    server.answers(200, stale, page(List.of(next)));
    SweepClient.Tick tick = client().tick(server, () -> true);
    assertThat(tick.metGap()).isFalse();
    assertThat(tick.applied()).isEqualTo(1);
    assertThat(OpsCounter.SWEEP_GAP_ADVANCES.value(catalog)).isZero();
  }

  private SweepClient client() {
    return new SweepClient(catalog, applier(catalog), List.of(THINGS), clock);
  }

  private static String page(List<Op> ops) {
    return ops.stream().map(OpJson::write).collect(Collectors.joining(",", "[", "]\n"));
  }

  /** A server of theirs that answers each sweep alike, and has no other route. */
  private static final class Defective implements SweepPeer {
    private int status;
    private Map<String, String> headers = Map.of();
    private String body = "";

    Defective answers(int newStatus, Map<String, String> newHeaders, String newBody) {
      status = newStatus;
      headers = newHeaders;
      body = newBody;
      return this;
    }

    @Override
    public String host() {
      return PEER;
    }

    @Override
    public Answer sweep(String after) {
      return answer(status, headers, body);
    }

    @Override
    public Answer snapshot(String table, String after) {
      return answer(404, Map.of(), "404 page not found");
    }

    private static Answer answer(int status, Map<String, String> headers, String body) {
      return new Answer(
          status,
          name -> Optional.ofNullable(headers.get(name)),
          new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8)));
    }
  }

  /** What can be seen from the outside of the originals' form. */
  @Test
  void everyFieldOfAnOpIsThereInItsOrder() throws IOException {
    insertOld("things", 1, Duration.ZERO);
    String body = new SweepServer(catalog, SELF).forAnyone("").body().text();
    assertThat(body).startsWith("[{\"ulid\":\"").endsWith(",\"transient\":false}]\n");
    List<String> names = new ArrayList<>();
    OpJson.MAPPER.readTree(body).get(0).propertyStream().map(Map.Entry::getKey).forEach(names::add);
    assertThat(names).containsExactly("ulid", "host", "action", "table", "data", "transient");
  }
}
