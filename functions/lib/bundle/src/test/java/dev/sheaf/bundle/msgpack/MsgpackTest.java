package dev.sheaf.bundle.msgpack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.Seeds;
import dev.sheaf.bundle.SheafException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.msgpack.core.MessagePack;
import org.msgpack.value.Value;

final class MsgpackTest {

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("dev.sheaf.bundle.Seeds#seeds")
  void anotherImplementationAgrees(long seed) throws IOException {
    Object value = Values.random(Seeds.random(seed), 0);
    byte[] bytes = Msgpack.encode(value);

    Value theirs = MessagePack.newDefaultUnpacker(bytes).unpackValue();
    assertThat(Msgpack.encode(Values.from(theirs))).isEqualTo(bytes);
    var packer = MessagePack.newDefaultBufferPacker();
    packer.packValue(theirs);
    assertThat(bytes).isEqualTo(packer.toByteArray());
    assertThat(Msgpack.encode(Msgpack.decode(bytes))).isEqualTo(bytes);
  }

  /** A stream that gives a byte at a time makes every header cross the edge of the buffer. */
  @ParameterizedTest(name = "seed {0}")
  @MethodSource("dev.sheaf.bundle.Seeds#seeds")
  void pieceOfStreamDoesNotMatter(long seed) throws IOException {
    byte[] bytes = Msgpack.encode(Values.random(Seeds.random(seed), 0));
    MsgpackReader whole = new MsgpackReader(trickle(bytes));
    assertThat(whole.readEncoded()).isEqualTo(bytes);
    whole.expectEnd();

    MsgpackReader skipping = new MsgpackReader(trickle(bytes));
    skipping.skipValue();
    assertThat(skipping.position()).isEqualTo(bytes.length);

    Object value = new MsgpackReader(trickle(bytes)).readValue();
    assertThat(Msgpack.encode(value)).isEqualTo(bytes);
  }

  @Test
  void everyPrefixIsRefused() {
    byte[] bytes =
        Msgpack.encode(
            Map.of(
                "text", "x".repeat(70_000), "list", List.of(1, 1.5, -300), "bin", new byte[300]));
    for (int length = 0; length < bytes.length; length += length < 600 ? 1 : 997) {
      byte[] prefix = Arrays.copyOf(bytes, length);
      assertRefused(prefix, "cut short");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "c1, reserved",
    "d40100, extension type",
    "d5010000, extension type",
    "c70001, extension type",
    "d6ff00000000, extension type",
    "81c0c0, 'expected a string, found nil'",
    "810101, 'expected a string, found an integer'",
    "81c4016101, 'expected a string, found binary'",
    "c0c0, more bytes follow",
    "a2c328, not UTF-8",
    "a2c080, not UTF-8",
    "a3eda080, not UTF-8",
    "a180, not UTF-8",
    "a3efbfbdff, more bytes follow",
    "ddffffffff, beyond any limit",
    "dd7ffffff0, cut short",
    "df7ffffff0, cut short",
    "c67ffffff0, cut short",
    "db7ffffff0, cut short",
  })
  void malformedIsRefused(String hex, String reason) {
    assertRefused(HexFormat.of().parseHex(hex), reason);
  }

  @Test
  void replacementCharacterItselfIsText() {
    assertThat(Msgpack.decode(Msgpack.encode("a\uFFFDb"))).isEqualTo("a\uFFFDb");
  }

  @Test
  void nestingIsBounded() {
    byte[] fits = new byte[65];
    Arrays.fill(fits, 0, 64, (byte) 0x91);
    fits[64] = (byte) 0xc0;
    assertThat(Msgpack.decode(fits)).isNotNull();

    byte[] tooDeep = new byte[100_000];
    Arrays.fill(tooDeep, (byte) 0x91);
    assertRefused(tooDeep, "nesting 64");
  }

  /** A few bytes that announce up to 4 GiB: strings, bytes, lists, maps, and lists in lists. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "dbffffffff",
        "db7ffffff0",
        "c6ffffffff",
        "c67ffffff0",
        "dd7ffffff0",
        "df7ffffff0",
        "81a178c67ffffff0",
        "81a178db7ffffff0",
        "dd7ffffff0dd7ffffff0dd7ffffff0dd7ffffff0"
      })
  void announcedLengthsTakeNoMemory(String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex);
    for (int round = 0; round < 2; round++) {
      long before = allocated();
      assertThatThrownBy(() -> Msgpack.decode(bytes)).isInstanceOf(SheafException.class);
      assertThat(allocated() - before).isLessThan(1 << 19);
      before = allocated();
      assertThatThrownBy(() -> new MsgpackReader(new ByteArrayInputStream(bytes)).readValue())
          .isInstanceOf(SheafException.class);
      assertThat(allocated() - before).isLessThan(2 << 20);
    }
  }

  @Test
  void foreignDocumentsAreHeldToMore() {
    byte[] twice = HexFormat.of().parseHex("82a17801a17802");
    assertThat(Msgpack.decodeMap(twice)).containsOnly(Map.entry("x", 2L));
    assertThatThrownBy(() -> Msgpack.decodeForeignMap(twice, 10))
        .isInstanceOf(SheafException.class)
        .hasMessageContaining("the key 'x' comes twice");
    byte[] three = Msgpack.encode(Map.of("x", List.of(1)));
    assertThat(Msgpack.decodeForeignMap(three, 3)).hasSize(1);
    assertThatThrownBy(() -> Msgpack.decodeForeignMap(three, 2))
        .isInstanceOf(SheafException.class)
        .hasMessageContaining("too many values");
  }

  private static long allocated() {
    return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
  }

  @Test
  void longTextIsCheckedInPieces() throws IOException {
    String text = "€".repeat(200_000);
    byte[] bytes = Msgpack.encode(text);
    new MsgpackReader(new ByteArrayInputStream(bytes)).skipValue();
    bytes[150_001] = (byte) 0xff;
    assertThatThrownBy(() -> new MsgpackReader(new ByteArrayInputStream(bytes)).skipValue())
        .hasMessageContaining("not UTF-8");
  }

  @Test
  void limitsNameThemselvesAndThePlace() {
    byte[] bytes = Msgpack.encode(List.of("12345678", "x".repeat(100_000)));
    MsgpackReader reader = new MsgpackReader(new ByteArrayInputStream(bytes));
    reader.at("commits", 3);
    reader.limit(1000, "recordBytes");
    assertThatThrownBy(reader::skipValue)
        .hasMessageStartingWith("commits[3]: passes the limit recordBytes, at byte ");
  }

  @Test
  void packedMapKeepsBytes() {
    PackedMap map = PackedMap.of(Map.of("a", 1, "b", List.of("x")));
    assertThat(PackedMap.ofBytes(map.bytes())).isEqualTo(map).hasSameHashCodeAs(map);
    assertThat(map.get("b")).isEqualTo(List.of("x"));
    assertThat(map.get("c")).isNull();
    assertThat(map.entryCount()).isEqualTo(2);
    assertThat(PackedMap.of(Map.of())).isSameAs(PackedMap.EMPTY).matches(PackedMap::isEmpty);
    assertThatThrownBy(() -> PackedMap.ofBytes(new byte[] {1})).hasMessageContaining("a map");
  }

  @Test
  void bigPackedMapsAreBuilt() {
    for (int size : new int[] {0, 1, 15, 16, 70_000}) {
      PackedMap.Builder builder = new PackedMap.Builder();
      for (int i = 0; i < size; i++) {
        builder.put("k" + i, Msgpack.encode(i));
      }
      PackedMap map = builder.build();
      assertThat(map.entryCount()).isEqualTo(size);
      assertThat(map.toMap()).hasSize(size);
    }
  }

  private static void assertRefused(byte[] bytes, String reason) {
    for (InputStream in : List.of(new ByteArrayInputStream(bytes), trickle(bytes))) {
      assertThatThrownBy(
              () -> {
                MsgpackReader reader = new MsgpackReader(in);
                reader.skipValue();
                reader.expectEnd();
              })
          .isInstanceOf(SheafException.class)
          .hasMessageContaining(reason);
    }
    assertThatThrownBy(() -> Msgpack.decode(bytes))
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INVALID))
        .hasMessageContaining(reason);
  }

  private static InputStream trickle(byte[] bytes) {
    return new InputStream() {
      private int next;

      @Override
      public int read() {
        return next == bytes.length ? -1 : bytes[next++] & 0xff;
      }

      @Override
      public int read(byte[] target, int offset, int length) {
        if (next == bytes.length) {
          return -1;
        }
        target[offset] = bytes[next++];
        return 1;
      }
    };
  }

  /** Random values, and those of the other implementation as ours. */
  private static final class Values {
    private static final long[] EDGES = {0, 31, 32, 127, 128, 255, 256, 32767, 32768, 65535, 65536};

    static @Nullable Object random(RandomGenerator random, int depth) {
      return switch (random.nextInt(depth > 4 ? 8 : 12)) {
        case 0 -> null;
        case 1 -> random.nextBoolean();
        case 2 -> EDGES[random.nextInt(EDGES.length)] * (random.nextBoolean() ? 1 : -1);
        case 3 -> random.nextLong() >> random.nextInt(64);
        case 4 -> random.nextDouble();
        case 5 -> new BigInteger(1, new byte[] {-1, 2, 3, 4, 5, 6, 7, (byte) random.nextInt()});
        case 6 -> "aü€\uD83D\uDE00".repeat(random.nextInt(random.nextInt(10) == 0 ? 9000 : 10));
        case 7 -> new byte[random.nextInt(random.nextInt(10) == 0 ? 70_000 : 300)];
        case 8, 9 -> list(random, depth);
        default -> map(random, depth);
      };
    }

    private static List<@Nullable Object> list(RandomGenerator random, int depth) {
      List<@Nullable Object> list = new ArrayList<>();
      for (int i = random.nextInt(20); i > 0; i--) {
        list.add(random(random, depth + 1));
      }
      return list;
    }

    private static Map<String, @Nullable Object> map(RandomGenerator random, int depth) {
      Map<String, @Nullable Object> map = new LinkedHashMap<>();
      for (int i = random.nextInt(20); i > 0; i--) {
        map.put("key" + random.nextInt(1000), random(random, depth + 1));
      }
      return map;
    }

    static @Nullable Object from(Value value) {
      return switch (value.getValueType()) {
        case NIL -> null;
        case BOOLEAN -> value.asBooleanValue().getBoolean();
        case INTEGER ->
            value.asIntegerValue().isInLongRange()
                ? (Object) value.asIntegerValue().asLong()
                : value.asIntegerValue().asBigInteger();
        case FLOAT -> value.asFloatValue().toDouble();
        case STRING -> value.asStringValue().asString();
        case BINARY -> value.asBinaryValue().asByteArray();
        case ARRAY -> {
          List<@Nullable Object> list = new ArrayList<>();
          value.asArrayValue().forEach(v -> list.add(from(v)));
          yield list;
        }
        case MAP -> {
          Map<String, @Nullable Object> map = new LinkedHashMap<>();
          value
              .asMapValue()
              .entrySet()
              .forEach(e -> map.put(e.getKey().asStringValue().asString(), from(e.getValue())));
          yield map;
        }
        case EXTENSION -> throw new AssertionError("none was written");
      };
    }
  }
}
