package dev.sheaf.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.storage.ObjectDeleteContract;
import dev.sheaf.storage.ObjectListContract;
import dev.sheaf.storage.ObjectReadContract;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.ObjectStore.Condition;
import dev.sheaf.storage.ObjectWriteContract;
import dev.sheaf.storage.PresignContract;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The contracts, and where the fake is stricter than it. */
class InMemoryObjectStoreTest
    implements ObjectWriteContract,
        ObjectReadContract,
        ObjectListContract,
        ObjectDeleteContract,
        PresignContract {
  private static final ContentId HELLO =
      ContentId.parse("2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");

  private final ManualClock clock = new ManualClock();
  private final InMemoryObjectStore strict = new InMemoryObjectStore(clock);
  private final InMemoryObjectStore lenient = new InMemoryObjectStore().allowShortReads();

  @Override
  public ObjectStore store() {
    return lenient;
  }

  @Override
  public int upload(ObjectStore.PresignedPut put, Map<String, String> headers, byte[] body) {
    return lenient.upload(put.url(), headers, body);
  }

  @Override
  public byte @Nullable [] download(URI url) {
    return lenient.download(url).orElse(null);
  }

  @Test
  void anObjectIsWrittenUnderItsOwnIdOnly() {
    put(ObjectKeys.object(HELLO), "hello", HELLO);
    put(ObjectKeys.object(HELLO), "hello", HELLO);
    assertThatThrownBy(() -> put(ObjectKeys.object(HELLO), "hello", null))
        .isInstanceOf(AssertionError.class);
    assertThatThrownBy(() -> put("objects/00/0000", "hello", HELLO))
        .isInstanceOf(AssertionError.class);
  }

  @Test
  void anObjectThatWouldChangeFailsTheTest() {
    strict.plant(ObjectKeys.object(HELLO), new byte[] {1});
    assertThatThrownBy(() -> put(ObjectKeys.object(HELLO), "hello", HELLO))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("other bytes");
  }

  @Test
  void aRangeStaysInside() {
    put("r", "hello", null);
    assertThat(strict.get("r", ObjectStore.Read.range(3, 2))).isPresent();
    assertThatThrownBy(() -> strict.get("r", ObjectStore.Read.range(3, 3)))
        .isInstanceOf(AssertionError.class);
  }

  @Test
  void stampsHaveWholeSecondsOfTheGivenClock() {
    clock.advance(Duration.ofMillis(1_999));
    put("s", "hello", null);
    assertThat(strict.head("s").orElseThrow().lastModified())
        .isEqualTo(Instant.parse("2026-01-01T12:00:01Z"));
  }

  @Test
  void pagesAreAsSmallAsAskedFor() {
    strict.withPageSize(2);
    for (String key : new String[] {"a/1", "a/2", "b", "c/1", "d"}) {
      put(key, "", null);
    }
    ObjectStore.Page first = strict.list("", "/", null);
    assertThat(first.commonPrefixes()).containsExactly("a/");
    assertThat(first.objects()).extracting("key").containsExactly("b");
    ObjectStore.Page second = strict.list("", "/", first.next());
    assertThat(second.commonPrefixes()).containsExactly("c/");
    assertThat(second.objects()).extracting("key").containsExactly("d");
    assertThat(second.next()).isNull();
  }

  @Test
  void presignedUrlsExpire() {
    put("k", "hello", null);
    URI url = strict.presignGet("k", Duration.ofMinutes(5));
    ObjectStore.PresignedPut upload = strict.presignPut("u", HELLO, 5, Duration.ofMinutes(5));
    clock.advance(Duration.ofMinutes(6));
    assertThat(strict.download(url)).isEmpty();
    assertThat(strict.upload(upload.url(), upload.headers(), bytes("hello"))).isEqualTo(403);
  }

  private void put(String key, String text, @Nullable ContentId id) {
    strict.put(key, Content.of(bytes(text)), id, Condition.ALWAYS, "text/plain");
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
