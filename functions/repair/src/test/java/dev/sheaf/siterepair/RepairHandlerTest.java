package dev.sheaf.siterepair;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.function.testing.TestInvocation;
import dev.sheaf.localstack.servers.LocalServers;
import dev.sheaf.repository.CatalogSchema;
import dev.sheaf.repository.Repo;
import dev.sheaf.repository.Repos;
import dev.sheaf.repository.history.ObjectRows;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.wiring.Site;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The function by its door, on the local servers. */
class RepairHandlerTest {
  private static final ContentId LONELY = Ids.object("lonely".getBytes(StandardCharsets.UTF_8));

  private Map<String, String> environment = Map.of();

  @SuppressWarnings("NullAway.Init")
  private Site site;

  @BeforeEach
  void startSite() throws IOException {
    environment = LocalServers.shared().newSite();
    site = Site.from(environment);
  }

  private Map<String, Object> handle(Map<String, Object> event) {
    return new RepairHandler(environment).handleRequest(event, new TestInvocation(600_000));
  }

  private static Map<String, Object> event(String name) throws IOException {
    return new ObjectMapper()
        .readValue(
            Path.of("../../events/" + name).toFile(), new TypeReference<Map<String, Object>>() {});
  }

  private void storeLonely() {
    CatalogSchema.migrations().apply(site.catalog());
    Repo repo = new Repos(site.catalog()).findOrCreate("o", "r", "id", Instant.EPOCH);
    ObjectStore.PutResult put =
        site.objects()
            .put(
                ObjectKeys.object(LONELY),
                Content.of("lonely".getBytes(StandardCharsets.UTF_8)),
                LONELY,
                ObjectStore.Condition.ALWAYS,
                "x/y");
    String etag = ((ObjectStore.PutResult.Written) put).etag();
    new ObjectRows(site.catalog())
        .putHeld(
            repo.repoId(),
            List.of(new ObjectRows.Stored(LONELY, 6, etag)),
            site.config().bucket(),
            Instant.EPOCH);
  }

  @Test
  void goesThroughItsMotionsWithoutASite() {
    assertThat(RepairHandler.rehearse()).containsEntry("outcome", "BUSY");
  }

  @Test
  void aScheduleRunsACycle() throws IOException {
    storeLonely();
    Map<String, Object> answer = handle(event("schedule-repair.json"));
    assertThat(answer).containsEntry("outcome", "FINISHED").containsEntry("cleanup", true);
    assertThat(answer.toString()).contains("already_have=1", "presence_index_entries=1");
    assertThat(handle(Map.of())).containsEntry("cleanup", false);
  }

  @Test
  void aMessageOfACycleThatIsOverAsksForNothing() throws IOException {
    assertThat(handle(event("sqs-repair.json"))).isEqualTo(Map.of("batchItemFailures", List.of()));
    assertThat(handle(Map.of("Records", List.of(Map.of("body", "garbage")))))
        .isEqualTo(Map.of("batchItemFailures", List.of()));
    assertThat(handle(Map.of())).containsEntry("cleanup", true);
  }

  @Test
  void aDryRunAnswersWithThePlan() {
    storeLonely();
    site.objects().delete(List.of(ObjectKeys.object(LONELY)));
    Map<String, Object> answer = handle(Map.of("dry_run", true));
    assertThat(answer).containsEntry("outcome", "PLANNED").containsEntry("steps_left_out", 0L);
    assertThat(answer.get("steps"))
        .hasToString(
            "[restore   %s: neither listed nor found by HEAD; nobody known has it, write     %s]"
                .formatted(
                    ObjectKeys.object(LONELY),
                    "repos/o/r.json: something has changed that only the catalog knows"));
    assertThat(handle(Map.of("dry_run", true)).get("steps")).isEqualTo(answer.get("steps"));
  }
}
