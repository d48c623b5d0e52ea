package dev.sheaf.bundle.codec;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.msgpack.MsgpackReader;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Looks for records of objects anywhere in a file that was a bundle: behind a byte that has flipped
 * nothing is where the document says. Whatever looks like a record is offered; who takes it knows
 * by its id whether it is one. Behind one that is not the search goes on with the next byte, as it
 * may have swallowed others.
 */
final class BundleSalvage {
  /** The heads of maps of one to fifteen keys: all that writers of bundles make of an object. */
  private static final int FIRST_MAP = 0x81;

  private static final int LAST_MAP = 0x8f;

  /** The keys with which a record may begin, as they are written. */
  private static final List<byte[]> BEGINNINGS =
      List.of(text("object_id"), text("content"), text("encoding"), text("path"));

  /** How many times the size of the file is read in vain at most: it may be made to look so. */
  private static final long TIMES = 16;

  private final MemorySegment file;
  private final BundleLimits limits;
  private final Spool spool;
  private long inVain;

  private BundleSalvage(MemorySegment file, BundleLimits limits, Spool spool) {
    this.file = file;
    this.limits = limits;
    this.spool = spool;
  }

  /** Offers all that a file holds. */
  static void read(Path path, BundleLimits limits, Spool spool, BundleReader.Salvaged sink)
      throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
        Arena arena = Arena.ofConfined()) {
      MemorySegment file = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
      new BundleSalvage(file, limits, spool).read(sink);
    }
  }

  private static byte[] text(String key) {
    byte[] written = (" " + key).getBytes(StandardCharsets.US_ASCII);
    written[0] = (byte) (0xa0 + key.length());
    return written;
  }

  private void read(BundleReader.Salvaged sink) throws IOException {
    long at = 0;
    while (at < file.byteSize() && inVain <= TIMES * file.byteSize()) {
      at = isBeginning(at) ? behind(at, sink) : at + 1;
    }
  }

  private boolean isBeginning(long at) {
    int head = file.get(JAVA_BYTE, at) & 0xff;
    return head >= FIRST_MAP
        && head <= LAST_MAP
        && BEGINNINGS.stream().anyMatch(key -> isThere(key, at + 1));
  }

  private boolean isThere(byte[] key, long at) {
    if (at + key.length > file.byteSize()) {
      return false;
    }
    for (int i = 0; i < key.length; i++) {
      if (file.get(JAVA_BYTE, at + i) != key[i]) {
        return false;
      }
    }
    return true;
  }

  /** Where to go on. */
  private long behind(long at, BundleReader.Salvaged sink) throws IOException {
    WireInput wire = new WireInput(new From(at), false);
    MsgpackReader in = new MsgpackReader(wire, limits.nesting());
    WireObject object = object(in);
    if (object != null
        && sink.isProven(
            new ReceivedObject(object, limits, spool, new InflationBudget(wire, limits)))) {
      return at + in.position();
    }
    inVain += wire.size();
    return at + 1;
  }

  private @Nullable WireObject object(MsgpackReader in) throws IOException {
    RecordFields fields = new RecordFields(in, limits, new Interner(Interner.sharing()));
    try {
      return new ObjectRecord(in, fields, limits, spool).read();
    } catch (SheafException e) {
      if (e.kind() != ErrorKind.INVALID) {
        throw e;
      }
      return null;
    }
  }

  /** The file from a place on. */
  private final class From extends InputStream {
    private long at;

    From(long at) {
      this.at = at;
    }

    @Override
    public int read() {
      return at < file.byteSize() ? file.get(JAVA_BYTE, at++) & 0xff : -1;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) {
      int count = (int) Math.min(length, file.byteSize() - at);
      if (count <= 0) {
        return length == 0 ? 0 : -1;
      }
      MemorySegment.copy(file, JAVA_BYTE, at, bytes, offset, count);
      at += count;
      return count;
    }
  }
}
