package dev.sheaf.bundleindex;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.repository.Refs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BundleIndexTest extends IndexTest {
  private static TestHistory small() {
    TestHistory history = new TestHistory();
    String first = history.commit("first", Map.of("a", "A", "empty", "", "dir/b", "B"));
    String second = history.commit("second", Map.of("a", "A2"), first);
    return history.head("main", second);
  }

  @Test
  void j01ObjectsInStoreAfterJob() {
    TestHistory history = small();
    push("r", history.bundle());
    history
        .contents()
        .forEach((id, bytes) -> assertThat(store.bytes(ObjectKeys.object(id))).isEqualTo(bytes));
  }

  @Test
  void vectors() throws IOException {
    Path vectors = Path.of("../bundle/src/test/resources/vectors");
    if (!Files.exists(vectors)) {
      vectors = Path.of("functions/bundle/src/test/resources/vectors");
    }
    for (String name : new String[] {"v1-tiny", "v2-small", "v1-tiny-mwp", "v2-small-mwp"}) {
      byte[] bundle = Files.readAllBytes(vectors.resolve(name + ".bundle"));
      JsonNode expected = JSON.readTree(vectors.resolve(name + ".expected.json").toFile());
      JsonNode result = push(name, bundle);
      System.out.println(result);
      assertThat(result.path("commits_written").asInt())
          .isEqualTo(expected.path("counts").path("commits").asInt());
      assertThat(result.path("manifest_entries").asInt())
          .isEqualTo(expected.path("manifest_entries_total").asInt());
      assertThat(new Refs(catalog).read(repo(name)).branchHeads()).isNotNull();
      expected
          .path("objects")
          .fieldNames()
          .forEachRemaining(
              id -> assertThat(store.keys()).contains(ObjectKeys.object(ContentId.parse(id))));
    }
  }
}
