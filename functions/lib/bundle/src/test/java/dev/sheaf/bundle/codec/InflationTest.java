package dev.sheaf.bundle.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.EndDirective;
import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.sun.management.ThreadMXBean;
import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.Seeds;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.history.History;
import dev.sheaf.bundle.history.IdDialect;
import dev.sheaf.bundle.history.Ids;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What compressed objects may do to memory and temporary space, whatever they claim. */
final class InflationTest {
  private static final int MIB = 1 << 20;

  /** Room for one object of 300,000 bytes in memory, and for a little more in all. */
  private static final BundleLimits SMALL =
      new BundleLimits(
          10, 10, 1000, MIB, 300_000, 64, 400_000, MIB, MIB, MIB, MIB, 100, 100, 128, 64);

  @TempDir Path directory;

  @Test
  void announcedSizeIsNotBelieved() throws IOException {
    // Both hold five bytes. They announce 9,000,000, which goes to a file, and 8 MiB, which does
    // not.
    for (String frame :
        List.of(
            "28b52ffdc000405489000000000028000068656c6c6f010000",
            "28b52ffdc000000080000000000028000068656c6c6f010000")) {
      ReceivedObject object = received(zstd(HexFormat.of().parseHex(frame)));
      refused("bytes and holds 5", () -> object.decode(_ -> {}));
      long before = allocated();
      refused("is corrupt", () -> object.decode(_ -> {}));
      assertThat(allocated() - before).isLessThan(MIB);
    }
  }

  @Test
  void windowAboveTheLimitIsRefused() throws IOException {
    // Five bytes that ask for a window of 2^27 and of 2^28.
    String rest = "05000000" + "290000" + "68656c6c6f";
    received(zstd(HexFormat.of().parseHex("28b52ffd" + "80" + "88" + rest)))
        .decode(object -> assertThat(Collected.bytes(object.content())).hasSize(5));
    refused(
        "asks for a window of 268435456 bytes",
        () ->
            received(zstd(HexFormat.of().parseHex("28b52ffd" + "80" + "90" + rest)))
                .decode(_ -> {}));
    byte[] second =
        concat(
            Zstd.compress(new byte[5]), HexFormat.of().parseHex("28b52ffd" + "80" + "90" + rest));
    refused("asks for a window", () -> received(zstd(second)).decode(_ -> {}));
  }

  @Test
  void honestZerosAreTaken() throws IOException {
    byte[] zeros = new byte[2 * MIB];
    byte[] frame = Zstd.compress(zeros, 3);
    assertThat(frame.length).isLessThan(zeros.length / 10_000);
    Collected read = Collected.read(bundle(List.of(zstd(zeros, frame))), directory);
    assertThat(read.objects().get(Ids.object(zeros))).isEqualTo(zeros);
  }

  /** The announcement fits memory, but not what an object may inflate to. */
  @Test
  void announcedSizeIsHeldAgainstTheLimit() throws IOException {
    byte[] fits = Zstd.compress(new byte[300_000]);
    read(SMALL, List.of(zstd(fits)));
    for (int size : List.of(300_001, 500_000)) {
      byte[] frame = Zstd.compress(new byte[size]);
      refused(
          "to more than 300000 bytes (limit inflatedBytes",
          () -> read(SMALL, List.of(zstd(frame))));
    }
  }

  @Test
  void wholeBundleHasABound() throws IOException {
    WireObject some = zstd(Zstd.compress(new byte[200_000]));
    read(SMALL, List.of(some, some));
    refused(
        "makes the bundle inflate to more than 64 times its size and 400000 bytes",
        () -> read(SMALL, List.of(some, some, some)));
    // What is read of the bundle counts: 6 KB that do not compress make room for one more.
    byte[] noise = new byte[6_000];
    Seeds.random(1).nextBytes(noise);
    WireObject raw = WireObject.raw(Ids.object(noise), Content.of(noise));
    read(SMALL, List.of(raw, some, some, some));
  }

  @Test
  void aCommitOfManyMegabytesIsRefusedBeforeItIsHeld() {
    byte[] head = HexFormat.of().parseHex("81a7" + "636f6d6d697473" + "91" + "81a178" + "c6");
    byte[] bundle = Arrays.copyOf(head, head.length + 4 + 60 * MIB);
    ByteBuffer.wrap(bundle).putInt(head.length, 60 * MIB);
    long before = allocated();
    refused(
        "commits[0]: passes the limit commitBytes 16777216",
        () ->
            BundleReader.spoolingTo(directory)
                .read(new ByteArrayInputStream(bundle), new HistoryCollector()));
    assertThat(allocated() - before).isLessThan(4 * MIB);
  }

  @Test
  void decodingAgainCostsNothing() throws IOException {
    ReceivedObject object = received(SMALL, zstd(Zstd.compress(new byte[250_000])));
    for (int i = 0; i < 10; i++) {
      object.decode(_ -> {});
    }
  }

  /** More frames with the largest window than the windows' memory holds, from many threads. */
  @Test
  @Timeout(60)
  void largeWindowsWaitForOneAnother() {
    byte[] frame = wideFrame();
    long decoded =
        IntStream.range(0, 64)
            .parallel()
            .filter(i -> {
              try {
                received(zstd(frame))
                    .decode(o -> assertThat(o.content().size()).isEqualTo(9 * MIB));
                return true;
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            })
            .count();
    assertThat(decoded).isEqualTo(64);
    assertThat(NativeWindows.take(256L << 20)).isEqualTo(256);
    NativeWindows.giveBack(256);
  }

  /** What an encoder makes must be read, however well it compresses. */
  @Test
  void encodersStopWhereReadersWould() throws IOException {
    List<RawObject> zeros = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      byte[] content = new byte[100_000];
      content[0] = (byte) i;
      zeros.add(new RawObject(Ids.object(content), Content.of(content), null));
    }
    try (ObjectEncoder encoder = new ObjectEncoder(3, directory, new InflationCredit(SMALL))) {
      List<WireObject> encoded = new ArrayList<>();
      for (RawObject object : zeros) {
        encoded.add(encoder.encode(object));
      }
      assertThat(encoded.stream().filter(o -> o.encoding() == Encoding.RAW).count())
          .isBetween(1L, 20L);
      read(SMALL, encoded);
    }
  }

  private static byte[] wideFrame() {
    try (ZstdCompressCtx context = new ZstdCompressCtx()) {
      context.setLevel(1);
      context.setWindowLog(27);
      context.setContentSize(false);
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      ByteBuffer target = ByteBuffer.allocate(1 << 20);
      ByteBuffer source = ByteBuffer.wrap(new byte[9 * MIB]);
      while (!context.compressByteBufferStream(target, source, EndDirective.END)) {
        out.write(target.array(), 0, target.position());
        target.clear();
      }
      out.write(target.array(), 0, target.position());
      return out.toByteArray();
    }
  }

  private interface Decoding {
    void run() throws IOException;
  }

  private static void refused(String reason, Decoding decoding) {
    assertThatThrownBy(decoding::run)
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INVALID))
        .hasMessageContaining(reason);
  }

  private static long allocated() {
    return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
  }

  private static byte[] concat(byte[] first, byte[] second) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(first);
    out.writeBytes(second);
    return out.toByteArray();
  }

  private static WireObject zstd(byte[] frame) {
    return zstd(frame, frame);
  }

  private static WireObject zstd(byte[] named, byte[] frame) {
    ContentId id = Ids.object(named);
    return new WireObject(id, Encoding.ZSTD, Content.of(frame), null);
  }

  private ReceivedObject received(WireObject object) throws IOException {
    return received(BundleLimits.DEFAULT, object);
  }

  private ReceivedObject received(BundleLimits limits, WireObject object) throws IOException {
    List<ReceivedObject> all = new ArrayList<>();
    reader(limits)
        .read(
            new ByteArrayInputStream(bundle(List.of(object))),
            new BundleSink() {
              @Override
              public void object(ReceivedObject received) {
                all.add(received);
              }
            });
    return all.getFirst();
  }

  private void read(BundleLimits limits, List<WireObject> objects) throws IOException {
    reader(limits)
        .read(
            new ByteArrayInputStream(bundle(objects)),
            new BundleSink() {
              @Override
              public void object(ReceivedObject received) throws IOException {
                received.decode(_ -> {});
                received.close();
              }
            });
  }

  private BundleReader reader(BundleLimits limits) {
    return BundleReader.spoolingTo(directory).withLimits(limits);
  }

  private static byte[] bundle(List<WireObject> objects) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    BundleWriter writer = BundleWriter.to(out, IdDialect.PREFIXED);
    writer.history(History.of(List.of(), List.of(), Map.of()), objects.size());
    for (WireObject object : objects) {
      writer.object(object);
    }
    writer.finish();
    return out.toByteArray();
  }
}
