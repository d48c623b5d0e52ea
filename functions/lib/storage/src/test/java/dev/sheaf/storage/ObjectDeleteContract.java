package dev.sheaf.storage;

import static dev.sheaf.storage.StoreUnderTest.bytes;
import static dev.sheaf.storage.StoreUnderTest.written;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.storage.ObjectStore.StoredObject;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What every {@link ObjectStore} promises of deletions. */
public interface ObjectDeleteContract extends StoreUnderTest {
  @Test
  default void deletesOnlyTheStateThatWasRead() {
    String first = written(put("q/a", bytes(1)));
    String second = written(put("q/a", bytes(7)));
    assertThat(store().deleteIf("q/a", first)).isFalse();
    assertThat(store().head("q/a").orElseThrow().etag()).isEqualTo(second);
    assertThat(store().deleteIf("q/a", second)).isTrue();
    assertThat(store().head("q/a")).isEmpty();
    assertThat(store().deleteIf("q/a", second)).as("nothing is there").isTrue();
  }

  @Test
  default void deletesManyKeysAtOnce() {
    Set<String> doomed = new HashSet<>();
    IntStream.range(0, 20).forEach(i -> doomed.add("del/" + i + " &<ü>"));
    doomed.forEach(key -> put(key, bytes(1)));
    put("stays", bytes(1));
    IntStream.range(0, 1_100).forEach(i -> doomed.add("never-there/" + i));

    assertThat(store().delete(doomed)).isEmpty();
    assertThat(store().list("", null, null).objects())
        .extracting(StoredObject::key)
        .containsExactly("stays");
    assertThat(store().delete(Set.of())).isEmpty();
  }

  @Test
  default void deletesKeysThatXmlCannotSayAmongOthers() {
    List<String> keys =
        List.of("x/plain", "x/a\u0001b", "x/\uffff", "x/a\rb", "x/a\nb\tc", "x/<&>\"'", "x/z");
    keys.forEach(key -> put(key, bytes(1)));
    assertThat(store().delete(keys)).isEmpty();
    assertThat(store().list("x/", null, null).objects()).isEmpty();
  }
}
