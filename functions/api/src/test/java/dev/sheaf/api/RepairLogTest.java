package dev.sheaf.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The log of repair's cycles. */
class RepairLogTest {
  private static ApiSite site;
  private static String peer;

  @BeforeAll
  static void start() {
    site = ApiSite.start();
    peer = site.peerToken("https://peer.example");
    site.execute("truncate repair_trackers");
    site.execute(
        """
        insert into repair_trackers (started_at, updated_at, finished_at, cleanup_mode, cursor_i,
          counters, content_size, duration_nanos)
        select timestamptz '2026-01-01 00:00:00Z' + n * interval '1 hour', now(), now(), n % 4 = 0,
          n % 4 + 1, '{"total_checked": 5}', 6, 7
        from generate_series(0, 1004) as n
        """);
  }

  private Answer logs(String query) {
    return site.call(GatewayEvent.of("GET", "/internal/logs/repair" + query).token(peer));
  }

  @ParameterizedTest
  @CsvSource({"'', 1000", "?limit=5, 5", "?limit=5000, 1000", "?limit=250, 250"})
  void repairLogLimit(String query, int cycles) throws IOException {
    Answer answer = logs(query).expect(200);
    assertThat(answer.header("Content-Type")).isEqualTo("application/json");
    JsonNode log = new ObjectMapper().readTree(answer.bytes());
    assertThat(log).hasSize(cycles);
    assertThat(log.get(0).path("StartedAt").textValue()).isEqualTo("2026-02-11T20:00:00Z");
    assertThat(log.get(1).path("StartedAt").textValue()).isEqualTo("2026-02-11T19:00:00Z");
    assertThat(log.get(0).at("/Counters/total_checked").intValue()).isEqualTo(5);
  }

  @ParameterizedTest
  @ValueSource(strings = {"?limit=0", "?limit=-1", "?limit=abc", "?limit=99999999999"})
  void whatIsNoLimitIsRefused(String query) {
    assertThat(logs(query).expect(400).detail()).contains("Invalid limit value");
  }

  @Test
  void strangersDoNotWakeTheCatalog() {
    site.call(GatewayEvent.of("GET", "/internal/logs/repair")).expect(401);
  }
}
