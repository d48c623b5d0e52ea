package dev.sheaf.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.repository.token.Scope;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.counting.RequestCounts;
import dev.sheaf.storage.counting.RequestKind;
import dev.sheaf.testing.Faults;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What only the catalog knows of a repository is in the bucket once it is answered. */
class RecordsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static ApiSite site;

  @BeforeAll
  static void start() {
    site = ApiSite.start();
  }

  private static Optional<JsonNode> record(String name) {
    return site.store()
        .get(ObjectKeys.record("alice", name), ObjectStore.Read.WHOLE)
        .map(download -> {
          try (download) {
            return JSON.readTree(download.body());
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  private static byte[] first() {
    return new TestBundle().commit("c1", List.of(), Map.of("a", "A")).bytes();
  }

  private static byte[] second(String name) {
    return new TestBundle().commit(name, List.of("c1"), Map.of("a", name)).bytes();
  }

  private static void push(String name, byte[] bundle, String head) {
    site.client("alice/" + name).upload(bundle);
    site.client("alice/" + name).unpack(ApiSite.sha256(bundle), Map.of("main", head)).expect(200);
    site.runJobs("alice/" + name);
  }

  private static GatewayEvent visibility(String name, boolean isPublic) {
    return GatewayEvent.of("POST", "/alice/" + name + "/visibility")
        .token(site.token(Scope.ADMIN, "*"))
        .json(Map.of("public", isPublic));
  }

  @Test
  void whoMayReadIt() {
    push("shown", first(), "c1");
    assertThat(record("shown")).as("a push is told of by its bundle").isEmpty();
    site.call(visibility("shown", true)).expect(200);
    assertThat(record("shown").orElseThrow().path("public").asBoolean()).isTrue();

    RequestCounts counts = site.countAgain();
    site.call(visibility("shown", false)).expect(200);
    assertThat(record("shown").orElseThrow().path("public").asBoolean()).isFalse();
    assertThat(counts.count(RequestKind.S3_PUT)).as("the public list, the record").isEqualTo(2);

    counts = site.countAgain();
    site.call(visibility("shown", false)).expect(200);
    assertThat(counts.count(RequestKind.S3_PUT)).as("nothing has changed").isLessThanOrEqualTo(1);
  }

  @Test
  void whereABranchWasForcedTo() {
    push("forced", first(), "c1");
    push("forced", second("c2"), "c2");
    RequestCounts counts = site.countAgain();
    byte[] other = second("c3");
    site.client("alice/forced").upload(other);
    site.call(
            GatewayEvent.of("POST", "/alice/forced/push/unpack-bundle")
                .token(site.token(Scope.WRITE, "*"))
                .json(
                    Map.of(
                        "bundle_key", ApiSite.sha256(other).prefixed(),
                        "branch_heads", Map.of("main", "c3"),
                        "force", true)))
        .expect(200);
    JsonNode record = record("forced").orElseThrow();
    assertThat(record.at("/branches/0/head").asText()).isEqualTo("c3");
    assertThat(record.path("bundles")).hasSize(3);
    assertThat(counts.count(RequestKind.S3_PUT)).as("the upload, the record").isLessThan(3);
  }

  /** A bundle that was taken in before moves a branch: nothing is uploaded that tells of it. */
  @Test
  void whereABranchWasMovedByABundleOfBefore() {
    push("again", first(), "c1");
    site.client("alice/again").unpack(ApiSite.sha256(first()), Map.of("other", "c1")).expect(200);
    assertThat(record("again").orElseThrow().path("branches").findValuesAsText("name"))
        .containsExactly("main", "other");
  }

  /** The change is done; the next cycle of repair writes it down. */
  @Test
  void aRecordThatCannotBeWrittenFailsNothing() {
    push("failing", first(), "c1");
    Faults none = Faults.none();
    site.call(visibility("failing", true), none).expect(200);
    int put = none.log().indexOf("PUT " + ObjectKeys.record("alice", "failing")) + 1;
    assertThat(put).as(none.log().toString()).isPositive();
    site.call(visibility("failing", false)).expect(200);
    site.call(visibility("failing", true), Faults.at(put, Faults.Way.FAILS_AFTER)).expect(200);
    site.call(visibility("failing", false)).expect(200);
    assertThat(record("failing").orElseThrow().path("public").asBoolean()).isFalse();
  }
}
