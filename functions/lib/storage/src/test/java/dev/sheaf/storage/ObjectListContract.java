package dev.sheaf.storage;

import static dev.sheaf.storage.StoreUnderTest.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.storage.ObjectStore.Page;
import dev.sheaf.storage.ObjectStore.PutResult;
import dev.sheaf.storage.ObjectStore.StoredObject;
import dev.sheaf.storage.parallel.ParallelCalls;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * What every {@link ObjectStore} promises of listings: their order, their pages, what is folded.
 */
public interface ObjectListContract extends StoreUnderTest {
  @Test
  default void listsInTheOrderOfUtf8Bytes() {
    // U+FFFD is below U+1F600 in UTF-8, but above its surrogates in UTF-16.
    List<String> keys =
        List.of(
            "l/A",
            "l/a b",
            "l/a%20b",
            "l/a+b",
            "l/a&amp;b",
            "l/a<b>\"c'd",
            "l/a\u0001b",
            "l/a/b",
            "l/a/c",
            "l/ä",
            "l/\ufffd",
            "l/\ud83d\ude00");
    keys.forEach(key -> put(key, bytes(1)));
    put("m", bytes(1));
    assertThat(store().list("l/", null, null).objects())
        .extracting(StoredObject::key)
        .containsExactlyElementsOf(sortedByUtf8(keys));
  }

  @Test
  default void foldsDeeperKeysAtTheDelimiter() {
    List.of("d/a", "d/x/1", "d/x/2", "d/x/y/3", "d/z/1", "d/zz").forEach(k -> put(k, bytes(1)));
    Page page = store().list("d/", "/", null);
    assertThat(page.objects()).extracting(StoredObject::key).containsExactly("d/a", "d/zz");
    assertThat(page.commonPrefixes()).containsExactly("d/x/", "d/z/");
    assertThat(page.next()).isNull();
  }

  @Test
  default void foldedPrefixesAreToldAsTheyAreWritten() {
    List.of("e &+%41/ü/1", "e &+%41/ü/2", "e &+%41/<x>/3").forEach(k -> put(k, bytes(1)));
    assertThat(store().list("e &+%41/", "/", null).commonPrefixes())
        .containsExactly("e &+%41/<x>/", "e &+%41/ü/");
  }

  @Test
  default void listsPageByPage() {
    int count = 1_234;
    try (ParallelCalls<PutResult> calls = new ParallelCalls<>(16)) {
      IntStream.range(0, count)
          .forEach(i -> calls.submit(() -> put("p/%05d ü".formatted(i), bytes(i % 7))));
      calls.results();
    }
    List<StoredObject> listed = new ArrayList<>();
    int pages = 0;
    String next = null;
    do {
      Page page = store().list("p/", null, next);
      assertThat(page.objects()).hasSizeLessThanOrEqualTo(1_000);
      listed.addAll(page.objects());
      next = page.next();
      pages++;
    } while (next != null);
    assertThat(pages).isEqualTo(2);
    assertThat(listed)
        .extracting(StoredObject::key)
        .isEqualTo(IntStream.range(0, count).mapToObj("p/%05d ü"::formatted).toList());
    assertThat(listed.get(13).size()).isEqualTo(13 % 7);
    assertThat(listed.get(13).etag()).isEqualTo(store().head("p/00013 ü").orElseThrow().etag());
  }

  @Test
  default void anEmptyListingHasNoFurtherPage() {
    Page page = store().list("nothing/", null, null);
    assertThat(page.objects()).isEmpty();
    assertThat(page.next()).isNull();
  }

  @Test
  default void listsWhatComesAfterAKey() {
    for (String key : List.of("p", "q/", "q/a", "q/b", "q/b/c", "q/c", "q/ä", "r")) {
      put(key, bytes(1));
    }
    assertThat(keysAfter("")).containsExactly("q/", "q/a", "q/b", "q/b/c", "q/c", "q/ä");
    assertThat(keysAfter("a")).hasSize(6);
    assertThat(keysAfter("q/a")).containsExactly("q/b", "q/b/c", "q/c", "q/ä");
    assertThat(keysAfter("q/b!")).as("a key that is none").first().isEqualTo("q/b/c");
    assertThat(keysAfter("q/ä")).isEmpty();
    assertThat(keysAfter("s")).as("behind the prefix").isEmpty();
  }

  private List<String> keysAfter(String key) {
    Page page = store().listAfter("q/", key);
    assertThat(page.next()).isNull();
    return page.objects().stream().map(StoredObject::key).toList();
  }

  @Test
  default void aRangeGoesOnPageByPage() {
    for (int i = 0; i < 1_101; i++) {
      put("q/%04d".formatted(i), bytes(1));
    }
    Page first = store().listAfter("q/", "q/0049");
    assertThat(first.objects()).hasSize(1_000);
    assertThat(first.objects().getFirst().key()).isEqualTo("q/0050");
    Page second = store().list("q/", null, first.next());
    assertThat(second.objects()).hasSize(51);
    assertThat(second.objects().getFirst().key()).isEqualTo("q/1050");
    assertThat(second.next()).isNull();
  }

  @Test
  default void foldedPrefixesAreInTheOrderOfUtf8BytesToo() {
    List.of("f/\ud83d\ude00/1", "f/\uff5e/1", "f/a/1").forEach(key -> put(key, bytes(1)));
    assertThat(store().list("f/", "/", null).commonPrefixes())
        .containsExactly("f/a/", "f/\uff5e/", "f/\ud83d\ude00/");
  }

  private static List<String> sortedByUtf8(List<String> keys) {
    return keys.stream()
        .sorted((a, b) ->
            Arrays.compareUnsigned(
                a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8)))
        .toList();
  }
}
