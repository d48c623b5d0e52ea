package dev.sheaf.storage;

import static dev.sheaf.storage.StoreUnderTest.bytes;
import static dev.sheaf.storage.StoreUnderTest.sha256;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.storage.ObjectStore.Download;
import dev.sheaf.storage.ObjectStore.Read;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What every {@link ObjectStore} promises of the URLs that it signs. */
public interface PresignContract extends StoreUnderTest {
  /** Uploads through a presigned URL and returns the HTTP status. */
  int upload(ObjectStore.PresignedPut put, Map<String, String> headers, byte[] body)
      throws Exception;

  /** Reads through a presigned URL; null when the store refuses. */
  byte @Nullable [] download(URI url) throws Exception;

  @Test
  default void presignedGetReadsOneKey() throws Exception {
    put("shared key", bytes(5));
    assertThat(download(store().presignGet("shared key", Duration.ofMinutes(1))))
        .isEqualTo(bytes(5));
  }

  @Test
  default void presignedPutTakesExactlyTheAnnouncedBytes() throws Exception {
    byte[] bytes = bytes(100);
    ObjectStore.PresignedPut put =
        store().presignPut("up load", sha256(bytes), bytes.length, Duration.ofMinutes(1));

    byte[] others = bytes.clone();
    others[50]++;
    assertThat(upload(put, put.headers(), others)).isEqualTo(400);
    assertThat(upload(put, put.headers(), bytes(99))).isBetween(400, 499);
    Map<String, String> lie = new HashMap<>(put.headers());
    lie.replaceAll((name, value) -> value.endsWith("=") ? sha256(others).base64() : value);
    assertThat(upload(put, lie, others)).isEqualTo(403);
    assertThat(store().head("up load")).isEmpty();

    assertThat(upload(put, put.headers(), bytes)).isEqualTo(200);
    assertThat(store().head("up load").orElseThrow().sha256()).isEqualTo(sha256(bytes));
  }

  /** As Python's urllib does it: no word of the signer's, and a type for every body. */
  @Test
  default void presignedUploadTakesWhateverItsClientSends() throws Exception {
    URI url = store().presignUpload("incoming/a/b/c", Duration.ofMinutes(1));
    ObjectStore.PresignedPut put = new ObjectStore.PresignedPut(url, Map.of());
    Map<String, String> urllib = Map.of("Content-Type", "application/x-www-form-urlencoded");

    for (byte[] bytes : List.of(bytes(70_000), bytes(0))) {
      assertThat(upload(put, urllib, bytes)).isEqualTo(200);
      try (Download download = store().get("incoming/a/b/c", Read.WHOLE).orElseThrow()) {
        assertThat(download.body().readAllBytes()).isEqualTo(bytes);
      }
    }
    assertThat(download(url)).isNull();
  }
}
