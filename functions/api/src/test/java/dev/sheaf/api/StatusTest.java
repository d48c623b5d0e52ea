package dev.sheaf.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.Content;
import dev.sheaf.repository.token.Scope;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.counting.RequestCounts;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the site says about itself. */
class StatusTest {
  private final ApiSite site = ApiSite.start();
  private final String all = site.token(Scope.READ, "*");

  private Answer status() {
    return site.call(GatewayEvent.of("GET", "/").token(all)).expect(200);
  }

  @Test
  void countersAreForThoseWhoMaySeeTheWholeSite() {
    GatewayEvent event = GatewayEvent.of("GET", "/");
    String some = site.token(Scope.WRITE, "alice/*");
    String admin = site.token(Scope.ADMIN, "alice/*");
    String peer = site.token(Scope.PEER);
    RequestCounts counts = site.countAgain();
    for (GatewayEvent asked : List.of(GatewayEvent.of("GET", "/"), event.token(some))) {
      Answer answer = site.call(asked.header("Accept", "*/*")).expect(200);
      assertThat(answer.document()).containsOnly(Map.entry("service", "sheaf"));
    }
    assertThat(counts.asMap()).isEmpty();
    for (String token : List.of(all, admin, peer)) {
      assertThat(site.call(event.token(token)).expect(200).document()).containsKey("counters");
    }
    site.call(event.token("sheaf_unknown")).expectError(401, "unauthenticated");
  }

  @Test
  void countersAreToldAfterAJob() {
    Map<String, Object> nothing = Map.of("bundles", 0L, "objects", 0L, "bytes", 0L, "repairs", 0L);
    assertThat(status().map("counters")).isEqualTo(Map.of("days", Map.of(), "total", nothing));
    byte[] wire = new TestBundle().commit("c1", List.of(), Map.of("a", "A", "b", "B")).bytes();
    site.client("alice/counted").push(wire, Map.of("main", "c1")).expect(200);
    site.runJobs("alice/counted");

    site.token(Scope.READ); // a function that has not looked yet
    Map<String, Object> expected =
        Map.of("bundles", 1L, "objects", 2L, "bytes", (long) wire.length, "repairs", 0L);
    assertThat(status().map("counters").get("total")).isEqualTo(expected);
    assertThat(String.valueOf(status().map("counters").get("days")))
        .matches("\\{\\d{4}-\\d\\d-\\d\\d=.*objects=2.*");
  }

  @Test
  void aSecondLookInAShortTimeCostsNothing() {
    RequestCounts counts = site.countAgain();
    status();
    Map<String, Long> first = counts.asMap();
    status();
    assertThat(counts.asMap()).isEqualTo(first);
    assertThat(first).doesNotContainKey("catalog_statement");
  }

  @Test
  void aPoisonedJournalIsSaidAndTheSiteGoesOn() {
    site.store()
        .put(
            ".metadata/site/segment-poison.json",
            Content.of("garbage".getBytes(StandardCharsets.UTF_8)),
            null,
            ObjectStore.Condition.ALWAYS,
            "application/json");
    assertThat(status().text("counters_error")).contains("CORRUPT").doesNotContain(".metadata");
    site.call(GatewayEvent.of("GET", "/health_check")).expect(200);
  }
}
