package dev.sheaf.ops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.storage.catalog.Statement;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FollowRequestsTest extends OpsTest {
  private static final List<Map<String, Object>> PEERS =
      List.of(Map.of("host", PEER, "caught_up", true));

  @BeforeEach
  void nobodyHasAsked() {
    catalog.execute(
        Statement.of(
            "update follow_requests set asked = 0, done = 0, peers = '[]', ended_at = null"));
  }

  @Test
  void aRunAnswersAllThatAskedBeforeItBegan() {
    FollowRequests requests = new FollowRequests(catalog);
    assertThat(requests.ask()).isEqualTo(1);
    assertThat(requests.ask()).isEqualTo(2);
    long began = requests.standing().asked();
    assertThat(requests.ask()).isEqualTo(3);
    requests.answered(began, PEERS, NOW);
    assertThat(requests.standing().hasAnswered(2)).isTrue();
    assertThat(requests.standing().hasAnswered(3)).isFalse();
    assertThat(requests.fields())
        .containsEntry("asked", 3L)
        .containsEntry("done", 2L)
        .containsEntry("ended_at", "2026-06-01T12:00:00Z")
        .containsEntry("peers", PEERS);
  }

  /** One that began earlier knows less. */
  @Test
  void whatEndsLateIsNotWrittenOverWhatBeganLater() {
    FollowRequests requests = new FollowRequests(catalog);
    requests.ask();
    requests.ask();
    requests.answered(2, PEERS, NOW);
    requests.answered(1, List.of(), NOW);
    assertThat(requests.fields()).containsEntry("done", 2L).containsEntry("peers", PEERS);
  }

  @Test
  void messagesAreReadAsTheyWereWritten() {
    assertThat(FollowRequests.parse(FollowRequests.message(7))).isEqualTo(OptionalLong.of(7));
    for (String other : List.of("", "null", "7", "{}", "{\"follow\":\"7\"}", "{\"follow\":1e99}")) {
      assertThat(FollowRequests.parse(other)).as(other).isEmpty();
    }
  }
}
