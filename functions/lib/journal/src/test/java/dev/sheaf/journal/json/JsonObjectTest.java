package dev.sheaf.journal.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

/** Order and changes, beside what the libraries of Java make of the same names. */
class JsonObjectTest {
  private static final String LETTERS = "\u0000\"0aZ\u007f\u00e9\ud7ff\ue000\uffff";

  private static String name(Random random, int longest) {
    StringBuilder name = new StringBuilder(random.nextInt(20) == 0 ? "" : "common/");
    for (int i = random.nextInt(longest); i > 0; i--) {
      if (random.nextInt(6) == 0) {
        name.appendCodePoint(0x1f600 + random.nextInt(3));
      } else {
        name.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
      }
    }
    return name.toString();
  }

  private static int byBytes(String a, String b) {
    return Arrays.compareUnsigned(
        a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));
  }

  @RepeatedTest(12)
  void sortsAsUtf8Bytes(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    List<String> names = new ArrayList<>();
    for (int i = random.nextInt(4_000); i > 0; i--) {
      names.add(name(random, 9));
    }
    List<String> expected = new ArrayList<>(names);
    expected.sort(JsonObjectTest::byBytes);
    assertThat(Utf8Order.sorted(names)).containsExactlyElementsOf(expected);
  }

  @RepeatedTest(200)
  void changesAreMerged(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    TreeMap<String, Json> expected = new TreeMap<>(JsonObjectTest::byBytes);
    Map<String, @Nullable Json> changes = new HashMap<>();
    for (int i = random.nextInt(300); i > 0; i--) {
      expected.put(name(random, 3), Json.of(i));
    }
    JsonObject before =
        JsonObject.ofSorted(List.copyOf(expected.keySet()), List.copyOf(expected.values()));
    for (int i = random.nextInt(random.nextBoolean() ? 5 : 300); i > 0; i--) {
      String name = name(random, 3);
      if (random.nextBoolean()) {
        changes.put(name, null);
        expected.remove(name);
      } else {
        changes.put(name, Json.of(-i));
        expected.put(name, Json.of(-i));
      }
    }
    JsonObject after = before.with(changes);
    assertThat(after.names()).containsExactlyElementsOf(expected.keySet());
    expected.forEach((name, value) -> assertThat(after.get(name)).isEqualTo(value));
  }
}
