package dev.sheaf.bundle.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import dev.sheaf.bundle.BytesContent;
import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.FileContent;
import dev.sheaf.bundle.Seeds;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.history.History;
import dev.sheaf.bundle.history.IdDialect;
import dev.sheaf.bundle.history.Ids;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Chains of objects (bundle.md section 11.12), encoded and decoded. */
final class ChainTest {
  private static final int MIB = 1 << 20;
  @TempDir Path directory;

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("dev.sheaf.bundle.Seeds#seeds")
  void versionsComeBack(long seed) throws IOException {
    RandomGenerator random = Seeds.random(seed);
    List<byte[]> versions = new ArrayList<>();
    byte[] version = new byte[random.nextInt(50_000)];
    random.nextBytes(version);
    for (int i = random.nextInt(80); i >= 0; i--) {
      versions.add(version);
      version = edited(version, random);
    }
    int level = 1 + random.nextInt(12);

    Collected read = Collected.read(bundle(encode(level, versions)), directory);

    versions.forEach(v -> assertThat(read.objects().get(Ids.object(v))).isEqualTo(v));
    assertThat(read.runs()).allSatisfy(run -> assertThat(run).hasSizeLessThanOrEqualTo(32));
  }

  @Test
  void versionsOfAFileCostTheirDifferences() throws IOException {
    List<byte[]> versions = versions(100_000, 20);
    List<WireObject> encoded = encode(3, versions);
    assertThat(encoded.stream().map(WireObject::encoding))
        .startsWith(Encoding.RAW, Encoding.ZSTD_CHAIN, Encoding.ZSTD_CHAIN);
    assertThat(encoded.stream().skip(1).mapToLong(o -> o.wire().size()).max().orElseThrow())
        .isLessThan(100);
  }

  /** Matches must be found at the far end of a large reference, not only nearby. */
  @Test
  void windowReachesOverTheReference() throws IOException {
    byte[] large = new byte[9 * MIB];
    Seeds.random(1).nextBytes(large);
    List<WireObject> encoded = encode(3, changedAtBothEnds(large, 3));
    assertThat(encoded.stream().map(WireObject::encoding))
        .containsExactly(Encoding.RAW, Encoding.ZSTD_CHAIN, Encoding.ZSTD_CHAIN);
    assertThat(encoded.stream().skip(1).map(o -> o.wire().size()))
        .allMatch(size -> size < large.length / 100);

    List<Content> decoded = new ArrayList<>();
    run(encoded)
        .decode(object -> {
          assertThat(Ids.object(object.content())).isEqualTo(object.id());
          decoded.add(object.content());
        });
    assertThat(decoded).hasSize(3);
    assertThat(decoded.subList(1, 3)).allMatch(content -> content instanceof FileContent);
    assertThat(files()).isEmpty();
  }

  private static List<byte[]> changedAtBothEnds(byte[] content, int count) {
    List<byte[]> versions = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      byte[] version = content.clone();
      version[i]++;
      version[version.length - 1 - i]++;
      versions.add(version);
    }
    return versions;
  }

  @Test
  void chainsEndAt32Objects() throws IOException {
    Collected read = Collected.read(bundle(encode(3, versions(1000, 70))), directory);
    assertThat(read.runs().stream().map(List::size)).containsExactly(32, 32, 6);
  }

  @Test
  void chainsEndAt64MiB() throws IOException {
    byte[] large = new byte[16 * MIB];
    Seeds.random(1).nextBytes(large);
    List<byte[]> versions = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      byte[] version = large.clone();
      version[i]++;
      versions.add(version);
    }
    List<Encoding> encodings = encode(1, versions).stream().map(WireObject::encoding).toList();
    assertThat(encodings)
        .containsExactly(
            Encoding.RAW,
            Encoding.ZSTD_CHAIN,
            Encoding.ZSTD_CHAIN,
            Encoding.ZSTD_CHAIN,
            Encoding.RAW,
            Encoding.ZSTD_CHAIN);
  }

  @Test
  void referenceThatLooksLikeADictionaryStartsAnew() throws IOException {
    byte[] magic = versions(5000, 1).getFirst();
    magic[0] = 0x37;
    magic[1] = (byte) 0xa4;
    magic[2] = 0x30;
    magic[3] = (byte) 0xec;
    byte[] next = magic.clone();
    next[4000]++;
    List<WireObject> encoded = encode(3, List.of(magic, next));
    assertThat(encoded.getLast().encoding()).isNotEqualTo(Encoding.ZSTD_CHAIN);
  }

  /** A foreign writer may not know that rule: what it means is clear all the same. */
  @Test
  void referenceThatLooksLikeADictionaryIsReadAsContent() throws IOException {
    byte[] magic = {0x37, (byte) 0xa4, 0x30, (byte) 0xec, 1, 2, 3, 4, 5, 6, 7, 8, 9};
    byte[] frame = Zstd.compress(magic);
    List<WireObject> objects =
        List.of(
            WireObject.raw(Ids.object(magic), Content.of(magic)),
            new WireObject(Ids.object(magic), Encoding.ZSTD_CHAIN, Content.of(frame), null));
    List<byte[]> decoded = new ArrayList<>();
    run(objects).decode(o -> decoded.add(Collected.bytes(o.content())));
    assertThat(decoded).containsExactly(magic, magic);
  }

  @Test
  void emptyObjectsAreNoReference() throws IOException {
    byte[] text = versions(1000, 1).getFirst();
    List<WireObject> encoded = encode(3, List.of(new byte[0], text, new byte[0], text));
    assertThat(encoded.stream().map(WireObject::encoding)).containsOnly(Encoding.RAW);
    Collected read = Collected.read(bundle(encoded), directory);
    assertThat(read.objects()).hasSize(2);
  }

  @Test
  void portableHasNoChains() throws IOException {
    try (ObjectEncoder encoder = new ObjectEncoder(3, false, directory)) {
      List<WireObject> encoded = encoder.encodeAll(raws(versions(1000, 5)));
      assertThat(encoded.stream().map(WireObject::encoding)).doesNotContain(Encoding.ZSTD_CHAIN);
    }
  }

  @Test
  void largeObjectsAreCompressedInFiles() throws IOException {
    byte[] large = new byte[40 * MIB];
    RandomGenerator random = Seeds.random(3);
    for (int i = 0; i < large.length; i += 3) {
      large[i] = (byte) random.nextInt();
    }
    Path file = Files.write(directory.resolve("large"), large);
    ContentId id = Ids.object(large);
    try (ObjectEncoder encoder = new ObjectEncoder(3, true, directory)) {
      WireObject encoded =
          encoder.encode(new RawObject(id, new FileContent(file, large.length), null), true);
      assertThat(encoded.encoding()).isEqualTo(Encoding.ZSTD);
      assertThat(encoded.wire()).isInstanceOf(FileContent.class);
      assertThat(Collected.read(bundle(List.of(encoded)), directory).objects()).containsKey(id);
    }
    Files.delete(file);
    assertThat(files()).isEmpty();
  }

  @Test
  void onlyWhatIsWantedIsHandedOver() throws IOException {
    List<byte[]> versions = versions(1000, 10);
    ObjectRun run = run(encode(3, versions));
    ContentId third = Ids.object(versions.get(2));
    List<ContentId> seen = new ArrayList<>();
    run.decode(
        Set.of(third)::contains,
        object -> {
          seen.add(object.id());
          assertThat(((BytesContent) object.content()).bytes()).isEqualTo(versions.get(2));
        });
    assertThat(seen).containsExactly(third);
    run.decode(_ -> false, _ -> seen.add(third));
    assertThat(seen).hasSize(1);
  }

  @Test
  void runsDecodeInParallelAndRepeatedly() {
    List<ObjectRun> runs = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      runs.add(run(encodeQuietly(versions(20_000 + i, 10))));
    }
    List<ObjectRun> twice = new ArrayList<>(runs);
    twice.addAll(runs);
    Collections.shuffle(twice, new Random(1));
    long decoded =
        twice.parallelStream()
            .mapToLong(run -> {
              long[] sound = {0};
              try {
                run.decode(o -> sound[0] += Ids.object(o.content()).equals(o.id()) ? 1 : 0);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
              return sound[0];
            })
            .sum();
    assertThat(decoded).isEqualTo(800);
  }

  @Test
  void brokenChainsAreRefused() throws IOException {
    List<WireObject> chain = new ArrayList<>(encode(3, versions(1000, 40)));
    assertThatThrownBy(() -> Collected.read(bundle(List.of(chain.get(1))), directory))
        .isInstanceOf(IllegalStateException.class);

    List<WireObject> tooLong = new ArrayList<>(chain.subList(0, 32));
    tooLong.add(chain.get(31));
    assertThatThrownBy(() -> Collected.read(bundle(tooLong), directory))
        .isInstanceOf(SheafException.class)
        .hasMessageContaining("chainObjects 32");

    byte[] first = bundle(List.of(chain.get(0), chain.get(1)));
    Collected sound = Collected.read(first, directory);
    assertThat(sound.objects()).hasSize(2);
  }

  private ObjectRun run(List<WireObject> objects) {
    return new ObjectRun(
        objects,
        BundleLimits.DEFAULT,
        new Spool(directory, BundleLimits.DEFAULT.memoryBytes()),
        new InflationBudget(
            new WireInput(InputStream.nullInputStream(), false), BundleLimits.DEFAULT));
  }

  private List<WireObject> encodeQuietly(List<byte[]> versions) {
    try {
      return encode(3, versions);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<WireObject> encode(int level, List<byte[]> versions) throws IOException {
    try (ObjectEncoder encoder = new ObjectEncoder(level, true, directory)) {
      return encoder.encodeAll(raws(versions));
    }
  }

  private static List<RawObject> raws(List<byte[]> contents) {
    return contents.stream()
        .map(content -> new RawObject(Ids.object(content), Content.of(content), null))
        .toList();
  }

  /** Incompressible content with one byte more changed each time. */
  private static List<byte[]> versions(int size, int count) {
    List<byte[]> versions = new ArrayList<>();
    byte[] version = new byte[size];
    Seeds.random(size).nextBytes(version);
    for (int i = 0; i < count; i++) {
      version[i * 31 % size]++;
      versions.add(version.clone());
    }
    return versions;
  }

  private static byte[] edited(byte[] version, RandomGenerator random) {
    int cut = version.length == 0 ? 0 : random.nextInt(version.length);
    byte[] inserted = new byte[random.nextInt(100)];
    random.nextBytes(inserted);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(version, 0, cut);
    out.writeBytes(inserted);
    int drop = Math.min(random.nextInt(60), version.length - cut);
    out.write(version, cut + drop, version.length - cut - drop);
    return out.toByteArray();
  }

  private static byte[] bundle(List<WireObject> objects) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    BundleWriter writer = BundleWriter.plain(out, IdDialect.PREFIXED);
    writer.history(History.of(List.of(), List.of(), Map.of()), objects.size());
    for (WireObject object : objects) {
      writer.object(object);
    }
    writer.finish();
    return out.toByteArray();
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.toList();
    }
  }
}
