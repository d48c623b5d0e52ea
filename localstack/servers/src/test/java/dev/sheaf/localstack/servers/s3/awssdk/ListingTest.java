package dev.sheaf.localstack.servers.s3.awssdk;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pages of random listings against a slow and obvious reading of S3's rules. */
class ListingTest {
  private static final String[] PIECES = {"a", "b", "/", "/", "é", "\uFFFD", "😀", "-"};

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void pagesAddUpToEverything(long seed) {
    Random random = new Random(seed);
    for (int round = 0; round < 200; round++) {
      var index = new TreeMap<Key, StoredObject>();
      for (int i = random.nextInt(30); i > 0; i--) {
        Key key = Key.of(text(random, 6));
        index.put(key, object(key));
      }
      String prefix = text(random, 2);
      String delimiter = random.nextBoolean() ? null : random.nextBoolean() ? "/" : "é";
      int limit = 1 + random.nextInt(4);
      assertThat(pages(index, prefix, delimiter, limit))
          .as("keys %s, prefix '%s', delimiter %s", index.keySet(), prefix, delimiter)
          .isEqualTo(expected(index, prefix, delimiter));
    }
  }

  private static List<String> pages(
      NavigableMap<Key, StoredObject> index, String prefix, @Nullable String delimiter, int limit) {
    List<String> all = new ArrayList<>();
    Key after = null;
    do {
      Listing page =
          Listing.page(
              index, Key.of(prefix), delimiter == null ? null : Key.of(delimiter), after, limit);
      List<String> shown = new ArrayList<>(page.commonPrefixes());
      page.objects().forEach(object -> shown.add(object.key().toString()));
      shown.sort(Comparator.comparing(Key::of));
      assertThat(shown).hasSizeLessThanOrEqualTo(limit);
      all.addAll(shown);
      after = page.next();
      if (after != null) {
        assertThat(shown).hasSize(limit);
      }
    } while (after != null);
    return all;
  }

  private static List<String> expected(
      NavigableMap<Key, StoredObject> index, String prefix, @Nullable String delimiter) {
    TreeSet<Key> shown = new TreeSet<>();
    for (Key key : index.keySet()) {
      String text = key.toString();
      if (text.startsWith(prefix)) {
        int cut = delimiter == null ? -1 : text.indexOf(delimiter, prefix.length());
        shown.add(cut < 0 ? key : Key.of(text.substring(0, cut + 1)));
      }
    }
    return shown.stream().map(Key::toString).toList();
  }

  private static String text(Random random, int most) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(most + 1); i > 0; i--) {
      text.append(PIECES[random.nextInt(PIECES.length)]);
    }
    return text.toString();
  }

  private static StoredObject object(Key key) {
    return new StoredObject(
        key, "", Instant.EPOCH, Map.of(), Map.of(), new Body.InMemory(new byte[0]));
  }
}
