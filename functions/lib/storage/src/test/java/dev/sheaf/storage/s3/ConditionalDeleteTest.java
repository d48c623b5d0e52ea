package dev.sheaf.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.ScriptedServer;
import dev.sheaf.storage.wiring.Site;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Deletes that must not hit what was written meanwhile, by the answers that stores give. */
class ConditionalDeleteTest {
  private static final String PRESENT =
      "ETag: \"now\"\r\nLast-Modified: Thu, 01 Jan 2026 00:00:00 GMT";

  private final ScriptedServer server = new ScriptedServer();
  private final ObjectStore store =
      Site.from(
              Map.of(
                  "AWS_ENDPOINT_URL", server.url().toString(),
                  "AWS_REGION", "us-east-1",
                  "AWS_ACCESS_KEY_ID", "a",
                  "AWS_SECRET_ACCESS_KEY", "b",
                  "SHEAF_BUCKET", "sheaf"))
          .objects();

  ConditionalDeleteTest() throws IOException {}

  @AfterEach
  void stop() throws IOException {
    server.close();
  }

  private List<String> methods() {
    return server.requests().stream().map(r -> r.line().split(" ", 2)[0]).toList();
  }

  @Test
  void theStoreIsToldWhatWasSeen() {
    server.then(204, "", "");
    assertThat(store.deleteIf("objects/aa/x", "\"seen\"")).isTrue();
    assertThat(server.requests().getFirst().header("if-match")).isEqualTo("\"seen\"");
  }

  @Test
  void whatIsGoneNeedsNoDelete() {
    server.thenS3Error(404, "NoSuchKey");
    assertThat(store.deleteIf("objects/aa/x", "\"seen\"")).isTrue();
  }

  @Test
  void aMissingBucketIsNoSuccess() {
    server.thenS3Error(404, "NoSuchBucket");
    assertThatThrownBy(() -> store.deleteIf("objects/aa/x", "\"seen\""))
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.SITE));
  }

  @Test
  void aStoreWithoutTheConditionIsAskedFirst() {
    server.thenS3Error(501, "NotImplemented").then(200, PRESENT, "").then(204, "", "");
    assertThat(store.deleteIf("objects/aa/x", "\"now\"")).isTrue();
    assertThat(methods()).containsExactly("DELETE", "HEAD", "DELETE");
    assertThat(server.requests().getLast().header("if-match")).isNull();
  }

  @Test
  void aStoreWithoutTheConditionKeepsWhatHasChanged() {
    server.thenS3Error(501, "NotImplemented").then(200, PRESENT, "");
    assertThat(store.deleteIf("objects/aa/x", "\"seen\"")).isFalse();
    assertThat(methods()).containsExactly("DELETE", "HEAD");
  }
}
