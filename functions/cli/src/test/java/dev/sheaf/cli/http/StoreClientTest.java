package dev.sheaf.cli.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.history.Ids;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreClientTest {
  /** Longer than the buffer. */
  private static final String BODY = "0123456789".repeat(60_000);

  @TempDir private Path folder;

  private final Transport transport = new Transport(duration -> {});
  private final StoreClient client = new StoreClient(transport);
  private FakeStore store;

  @BeforeEach
  void start() throws IOException {
    store = new FakeStore();
  }

  @AfterEach
  void stop() throws IOException {
    store.close();
  }

  @Test
  void downloadsWhatTheIdNames() throws IOException {
    store.thenWhole(200, BODY);
    assertThat(download()).hasContent(BODY);
    assertThat(store.requests()).singleElement().asString().startsWith("GET /key?signature=a%2Fb ");
    assertThat(counted("s3-get")).isEqualTo(new Traffic.Count(1, 0, BODY.length()));
  }

  @Test
  void aBodyThatEndsEarlyIsAFailureAndIsCounted() {
    store.then("200 OK\r\nContent-Length: " + BODY.length(), BODY.substring(0, 400_000));
    assertThatThrownBy(this::download).isInstanceOf(IOException.class);
    assertThat(counted("s3-get")).isEqualTo(new Traffic.Count(1, 0, 400_000));
  }

  @Test
  void otherBytesAreRefusedAndNamed() {
    String other = BODY.replace('9', '8');
    store.thenWhole(200, other);
    assertThatThrownBy(this::download)
        .isInstanceOf(IOException.class)
        .hasMessageContaining(Ids.object(other.getBytes(UTF_8)).hex());
  }

  @Test
  void moreBytesThanWereSaidAreNotTaken() {
    store.thenWhole(200, BODY + BODY);
    assertThatThrownBy(this::download).hasMessageContaining("longer than the server said");
    assertThat(folder.resolve("target"))
        .satisfies(file -> assertThat(Files.size(file)).isLessThanOrEqualTo(BODY.length()));
  }

  @Test
  void aBusyStoreIsAskedAgain() throws IOException {
    store.thenWhole(503, "busy").thenWhole(200, BODY);
    assertThat(download()).hasContent(BODY);
  }

  @Test
  void whatTheStoreDoesNotGiveIsSaidWithItsStatus() {
    store.thenWhole(403, "<Error/>");
    assertThatThrownBy(this::download)
        .isInstanceOf(SheafException.class)
        .hasMessageContaining("answered 403");
    assertThat(store.requests()).hasSize(1);
  }

  @Test
  void redirectsAreNotFollowed() {
    store.then("302 Found\r\nLocation: " + store.uri() + "\r\nContent-Length: 0", "");
    assertThatThrownBy(this::download).hasMessageContaining("answered 302");
    assertThat(store.requests()).hasSize(1);
  }

  @Test
  void uploadsTheFileWithTheSignedHeaders() throws IOException {
    store.thenWhole(200, "");
    upload();
    assertThat(store.requests())
        .singleElement()
        .asString()
        .startsWith("PUT /key?signature=a%2Fb ")
        .contains("x-amz-checksum-sha256: abc", "Content-Length: " + BODY.length() + "\r\n")
        .doesNotContain("Content-Type", "elsewhere")
        .endsWith("\r\n\r\n" + BODY);
    assertThat(counted("s3-put")).isEqualTo(new Traffic.Count(1, BODY.length(), 0));
  }

  @Test
  void aRefusedUploadGivesTheReasonOfTheStore() {
    store.thenWhole(400, "BadDigest");
    assertThatThrownBy(this::upload)
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.FORBIDDEN))
        .hasMessageContaining("400")
        .hasMessageContaining("BadDigest");
    assertThat(store.requests()).hasSize(1);
  }

  private Traffic.Count counted(String purpose) {
    return Objects.requireNonNull(transport.traffic().counts().get(purpose));
  }

  private Path download() throws IOException {
    ContentId id = Ids.object(BODY.getBytes(UTF_8));
    Path target = folder.resolve("target");
    try (OutputStream out = Files.newOutputStream(target)) {
      client.download(new StoredFile(store.uri(), id, BODY.length()), out, count -> {});
    }
    return target;
  }

  private void upload() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), BODY, UTF_8);
    Map<String, String> headers = Map.of("x-amz-checksum-sha256", "abc", "host", "elsewhere");
    client.upload(file, new UploadTarget(store.uri(), headers));
  }
}
