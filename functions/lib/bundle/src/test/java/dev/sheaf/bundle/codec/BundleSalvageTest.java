package dev.sheaf.bundle.codec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.history.History;
import dev.sheaf.bundle.history.IdDialect;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.bundle.msgpack.PackedMap;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BundleSalvageTest {
  @TempDir private Path spool;

  /** Raw and compressed ones, an empty one, and one that holds a bundle itself. */
  private final List<byte[]> contents =
      List.of(
          text("first"),
          text("again and again ".repeat(40)),
          new byte[0],
          text("second"),
          new byte[] {(byte) 0x82, (byte) 0xa9, 'o', 'b', 'j', 'e', 'c', 't', '_', 'i', 'd'},
          text("third"));

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private byte[] bundle(List<byte[]> objects) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    BundleWriter writer = BundleWriter.to(bytes, IdDialect.PREFIXED);
    writer.history(
        new History(List.of(), List.of(), Map.of(), List.of(), PackedMap.EMPTY), objects.size());
    try (ObjectEncoder encoder = new ObjectEncoder(3, spool)) {
      for (byte[] object : objects) {
        writer.object(encoder.encode(new RawObject(Ids.object(object), Content.of(object), null)));
      }
    }
    writer.finish();
    return bytes.toByteArray();
  }

  private Set<ContentId> salvage(byte[] bundle) throws IOException {
    Set<ContentId> proven = new TreeSet<>();
    BundleReader.spoolingTo(spool)
        .salvage(
            new ByteArrayInputStream(bundle),
            object -> {
              try (object) {
                object.decode(raw -> {
                  if (Ids.object(Collected.bytes(raw.content())).equals(object.id())) {
                    proven.add(object.id());
                  }
                });
              } catch (SheafException e) {
                assertThat(e.kind()).isEqualTo(ErrorKind.INVALID);
              }
              return proven.contains(object.id());
            });
    return proven;
  }

  private Set<ContentId> ids() {
    Set<ContentId> ids = new TreeSet<>();
    contents.forEach(content -> ids.add(Ids.object(content)));
    return ids;
  }

  @Test
  void ofASoundBundleEverythingComes() throws IOException {
    assertThat(salvage(bundle(contents))).isEqualTo(ids());
  }

  /** Wherever it is, in whatever way: nothing else is lost, and nothing false comes. */
  @Test
  void aFlippedByteCostsOneObjectAtMost() throws IOException {
    byte[] bundle = bundle(contents);
    for (int at = 0; at < bundle.length; at++) {
      for (int flip : new int[] {0x01, 0x04, 0x80, 0xff}) {
        byte[] damaged = bundle.clone();
        damaged[at] ^= (byte) flip;
        Set<ContentId> came = salvage(damaged);
        assertThat(ids()).as("byte %d ^ %d", at, flip).containsAll(came);
        assertThat(came).as("byte %d ^ %d", at, flip).hasSizeGreaterThan(contents.size() - 2);
      }
    }
    assertThat(spool).isEmptyDirectory();
  }

  @Test
  void whatIsBeforeTheCutComes() throws IOException {
    byte[] bundle = bundle(contents);
    int before = 0;
    for (int length = 0; length <= bundle.length; length++) {
      int came = salvage(Arrays.copyOf(bundle, length)).size();
      assertThat(came).as("%d bytes", length).isBetween(before, before + 1);
      before = came;
    }
    assertThat(before).isEqualTo(contents.size());
  }

  /** Each byte but the last few begins a record that only ends where the file does. */
  @Test
  void theSearchEnds() throws IOException {
    byte[] trap = text("xxxxxxxxxxxxxxxx");
    trap[0] = (byte) 0x82;
    trap[1] = (byte) 0xa7;
    System.arraycopy(text("content"), 0, trap, 2, 7);
    trap[9] = (byte) 0xc6; // a binary of as many bytes as the next four say
    byte[] bundle = new byte[1 << 20];
    for (int at = 0; at < bundle.length; at += trap.length) {
      int rest = (bundle.length - at) / 2;
      System.arraycopy(trap, 0, bundle, at, trap.length);
      for (int i = 0; i < 4; i++) {
        bundle[at + 10 + i] = (byte) (rest >> (8 * (3 - i)));
      }
    }
    assertThat(salvage(bundle)).isEmpty();
  }
}
