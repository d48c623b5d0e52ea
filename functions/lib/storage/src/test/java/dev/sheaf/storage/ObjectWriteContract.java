package dev.sheaf.storage;

import static dev.sheaf.storage.StoreUnderTest.bytes;
import static dev.sheaf.storage.StoreUnderTest.sha256;
import static dev.sheaf.storage.StoreUnderTest.written;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.FileContent;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.storage.ObjectStore.Condition;
import dev.sheaf.storage.ObjectStore.Download;
import dev.sheaf.storage.ObjectStore.PutResult;
import dev.sheaf.storage.ObjectStore.Read;
import dev.sheaf.storage.ObjectStore.StoredObject;
import dev.sheaf.storage.parallel.ParallelCalls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every {@link ObjectStore} promises of writes, conditional ones among them. */
public interface ObjectWriteContract extends StoreUnderTest {
  @Test
  default void theBucketIsThere() {
    store().requireBucket();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 1_000, 1_048_577})
  default void readsBackWhatWasWritten(int size) throws IOException {
    byte[] bytes = bytes(size);
    ContentId id = sha256(bytes);
    String etag =
        written(
            store()
                .put("q/a", Content.of(bytes), id, Condition.ALWAYS, "application/octet-stream"));

    try (Download download = store().get("q/a", Read.WHOLE).orElseThrow()) {
      assertThat(download.notModified()).isFalse();
      assertThat(download.object().key()).isEqualTo("q/a");
      assertThat(download.object().size()).isEqualTo(size);
      assertThat(download.object().etag()).isEqualTo(etag);
      assertThat(download.object().sha256()).isEqualTo(id);
      assertThat(download.body().readAllBytes()).isEqualTo(bytes);
    }
    StoredObject head = store().head("q/a").orElseThrow();
    assertThat(head.size()).isEqualTo(size);
    assertThat(head.etag()).isEqualTo(etag);
    assertThat(head.sha256()).isEqualTo(id);
    assertThat(head.lastModified()).isAfter(Instant.parse("2020-01-01T00:00:00Z"));
  }

  @Test
  default void writesFromAFile(@TempDir Path folder) throws IOException {
    byte[] bytes = bytes(300_000);
    Path file = Files.write(folder.resolve("content"), bytes);
    put("file", new FileContent(file, bytes.length), sha256(bytes), Condition.IF_ABSENT);
    assertThat(read("file", Read.WHOLE)).isEqualTo(bytes);
  }

  @Test
  default void withoutAChecksumNoneIsKept() {
    put("plain", bytes(10));
    assertThat(store().head("plain").orElseThrow().sha256()).isNull();
  }

  @Test
  default void refusesOtherBytesThanAnnounced() {
    ContentId other = sha256(bytes(4));
    assertThatThrownBy(() -> put("lie", Content.of(bytes(5)), other, Condition.IF_ABSENT))
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INVALID))
        .hasMessageContaining("lie");
    assertThat(store().head("lie")).isEmpty();
  }

  @Test
  default void ifAbsentLetsTheFirstWriterWin() {
    put("once", Content.of(bytes(1)), null, Condition.IF_ABSENT);
    assertThat(put("once", Content.of(bytes(2)), null, Condition.IF_ABSENT))
        .isEqualTo(new PutResult.ConditionFailed());
    assertThat(read("once", Read.WHOLE)).isEqualTo(bytes(1));
  }

  @Test
  default void ifMatchOverwritesOnlyTheStateThatWasRead() {
    String first = written(put("pointer", bytes(1)));
    String second =
        written(put("pointer", Content.of(bytes(2)), null, new Condition.IfMatch(first)));
    assertThat(put("pointer", Content.of(bytes(3)), null, new Condition.IfMatch(first)))
        .isEqualTo(new PutResult.ConditionFailed());
    assertThat(store().head("pointer").orElseThrow().etag()).isEqualTo(second);
    assertThat(read("pointer", Read.WHOLE)).isEqualTo(bytes(2));
  }

  @Test
  default void ifMatchOverNothingIsNotFound() {
    assertThatThrownBy(
            () -> put("gone", Content.of(bytes(1)), null, new Condition.IfMatch("\"abc\"")))
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.NOT_FOUND));
  }

  @Test
  default void concurrentIncrementsOfAPointerAreNeverLost() {
    put("counter", new byte[] {0});
    int writers = 8;
    try (ParallelCalls<Void> calls = new ParallelCalls<>(writers)) {
      for (int i = 0; i < writers; i++) {
        calls.submit(this::increment);
      }
      calls.results();
    }
    assertThat(read("counter", Read.WHOLE)).isEqualTo(new byte[] {(byte) writers});
  }

  private @Nullable Void increment() throws IOException {
    while (true) {
      try (Download download = store().get("counter", Read.WHOLE).orElseThrow()) {
        byte[] next = download.body().readAllBytes();
        next[0]++;
        Condition unchanged = new Condition.IfMatch(download.object().etag());
        if (put("counter", Content.of(next), null, unchanged) instanceof PutResult.Written) {
          return null;
        }
      }
    }
  }

  @Test
  default void exactlyOneOfManyCreatorsWins() {
    int writers = 16;
    try (ParallelCalls<PutResult> calls = new ParallelCalls<>(writers)) {
      for (int i = 0; i < writers; i++) {
        byte[] own = {(byte) i};
        calls.submit(() -> put("race", Content.of(own), null, Condition.IF_ABSENT));
      }
      assertThat(calls.results().stream().filter(PutResult.Written.class::isInstance)).hasSize(1);
    }
  }
}
