package dev.sheaf.ops;

import static org.assertj.core.api.Assertions.assertThat;

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
    assertThat(tick.failed() + tick.applied()).isEqualTo(8);
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
    assertThat(tick.failed() + tick.applied()).isEqualTo(8);
    assertThat(count("peer_snapshots")).isZero();
    client.tick(server, () -> true);
    assertThat(OpsCounter.SWEEP_GAP_ADVANCES.value(catalog)).isEqualTo(1);
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
