package dev.sheaf.storage;

import static dev.sheaf.storage.StoreUnderTest.bytes;
import static dev.sheaf.storage.StoreUnderTest.sha256;
import static dev.sheaf.storage.StoreUnderTest.written;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.storage.ObjectStore.Condition;
import dev.sheaf.storage.ObjectStore.Download;
import dev.sheaf.storage.ObjectStore.Read;
import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What every {@link ObjectStore} promises of reads: of a part, of what has changed, given up half
 * way.
 */
public interface ObjectReadContract extends StoreUnderTest {
  @Test
  default void whatIsNotThereIsEmpty() {
    assertThat(store().get("none", Read.WHOLE)).isEmpty();
    assertThat(store().head("none")).isEmpty();
    assertThat(store().get("none", Read.range(0, 10))).isEmpty();
  }

  @Test
  default void readsRanges() {
    byte[] bytes = bytes(1_000);
    put("r", Content.of(bytes), sha256(bytes), Condition.ALWAYS);
    assertThat(read("r", Read.range(0, 10))).isEqualTo(Arrays.copyOfRange(bytes, 0, 10));
    assertThat(read("r", Read.range(990, 10))).isEqualTo(Arrays.copyOfRange(bytes, 990, 1_000));
    assertThat(read("r", Read.range(995, 10))).isEqualTo(Arrays.copyOfRange(bytes, 995, 1_000));
    assertThat(read("r", new Read(400, -1, null))).isEqualTo(Arrays.copyOfRange(bytes, 400, 1_000));
    try (Download part = store().get("r", Read.range(5, 5)).orElseThrow()) {
      assertThat(part.object().size()).isEqualTo(1_000);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 100})
  default void refusesARangeThatBeginsBehindTheEnd(int size) {
    put("short", bytes(size));
    assertThatThrownBy(() -> store().get("short", Read.range(size, 1)))
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INVALID));
  }

  @Test
  default void tellsWhetherAnObjectChanged() throws IOException {
    String first = written(put("c", bytes(1)));
    try (Download same = store().get("c", Read.unless(first)).orElseThrow()) {
      assertThat(same.notModified()).isTrue();
      assertThat(same.object().etag()).isEqualTo(first);
      assertThat(same.body().readAllBytes()).isEmpty();
    }
    put("c", bytes(2));
    try (Download changed = store().get("c", Read.unless(first)).orElseThrow()) {
      assertThat(changed.notModified()).isFalse();
      assertThat(changed.body().readAllBytes()).isEqualTo(bytes(2));
    }
  }

  @Test
  default void aReadMayBeGivenUpHalfWay() throws IOException {
    put("big", bytes(3_000_000));
    for (int i = 0; i < 200; i++) {
      try (Download download = store().get("big", Read.WHOLE).orElseThrow()) {
        assertThat(download.body().read()).isEqualTo(bytes(1)[0]);
      }
    }
    assertThat(read("big", Read.WHOLE)).hasSize(3_000_000);
  }
}
