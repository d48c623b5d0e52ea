package dev.sheaf.cli.restore;

import dev.sheaf.bundle.BytesContent;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.eclipse.jgit.internal.storage.file.BasePackIndexWriter;
import org.eclipse.jgit.internal.storage.pack.BinaryDelta;
import org.eclipse.jgit.lib.AnyObjectId;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectIdOwnerMap;
import org.eclipse.jgit.transport.PackedObjectInfo;

/**
 * A git pack while it is written: objects are appended, whole or as deltas of ones that are there,
 * and can be read back at any time. JGit's own inserter writes whole objects only, which makes a
 * pack several times as large. Thread-safe.
 *
 * <p>Format: gitformat-pack(5), version 2.
 */
final class PackFile implements Closeable {
  private static final int HEADER = 12;
  private static final int DELTA_TO_OFFSET = 6;

  private final Path file;
  private final RandomAccessFile data;
  private final ObjectIdOwnerMap<Entry> entries = new ObjectIdOwnerMap<>();
  private byte[] buffer = new byte[1 << 18];
  private int buffered;
  private long length;

  private static final class Entry extends PackedObjectInfo {
    private final int objectType;
    private final int depth;

    Entry(AnyObjectId id, int objectType, int depth) {
      super(id);
      this.objectType = objectType;
      this.depth = depth;
    }
  }

  /** Begins a pack in a new file. */
  PackFile(Path file) throws IOException {
    this.file = file;
    this.data = new RandomAccessFile(file.toFile(), "rw");
    write(new byte[HEADER], HEADER);
  }

  /** Whether the object is in the pack. */
  synchronized boolean contains(AnyObjectId id) {
    return entries.contains(id);
  }

  /** How many deltas lead to a whole object; 0 for a whole one. The object must be there. */
  synchronized int depth(AnyObjectId id) {
    return entry(id).depth;
  }

  /** Number of objects. */
  synchronized int size() {
    return entries.size();
  }

  /** Appends an object, unless it is there. */
  synchronized void append(PackedObject object) throws IOException {
    if (entries.contains(object.id())) {
      return;
    }
    Entry base = object.base() == null ? null : entry(object.base());
    Entry entry = new Entry(object.id(), object.type(), base == null ? 0 : base.depth + 1);
    entry.setOffset(length);
    CRC32 crc = new CRC32();
    byte[] header =
        base == null
            ? header(object.type(), object.inflatedSize(), 0)
            : header(DELTA_TO_OFFSET, object.inflatedSize(), length - base.getOffset());
    write(header, header.length);
    crc.update(header);
    writeBody(object, crc);
    entry.setCRC((int) crc.getValue());
    entries.add(entry);
  }

  private void writeBody(PackedObject object, CRC32 crc) throws IOException {
    if (object.body() instanceof BytesContent inMemory) {
      byte[] bytes = inMemory.bytes();
      crc.update(bytes);
      write(bytes, bytes.length);
      return;
    }
    try (InputStream in = object.body().open()) {
      byte[] chunk = new byte[1 << 16];
      for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
        crc.update(chunk, 0, n);
        write(chunk, n);
      }
    }
  }

  /** Type and size, then for a delta how far back its base begins. */
  private static byte[] header(int type, long size, long distance) {
    ByteBuffer header = ByteBuffer.allocate(32);
    long rest = size >>> 4;
    header.put((byte) ((rest == 0 ? 0 : 0x80) | (type << 4) | (size & 0xf)));
    while (rest != 0) {
      long next = rest >>> 7;
      header.put((byte) ((next == 0 ? 0 : 0x80) | (rest & 0x7f)));
      rest = next;
    }
    if (distance > 0) {
      putDistance(header, distance);
    }
    byte[] bytes = new byte[header.position()];
    header.flip().get(bytes);
    return bytes;
  }

  private static void putDistance(ByteBuffer header, long distance) {
    byte[] digits = new byte[10];
    int at = digits.length;
    digits[--at] = (byte) (distance & 0x7f);
    for (long rest = distance >>> 7; rest != 0; rest >>>= 7) {
      rest--;
      digits[--at] = (byte) (0x80 | (rest & 0x7f));
    }
    header.put(digits, at, digits.length - at);
  }

  private void write(byte[] bytes, int count) throws IOException {
    if (buffered + count > buffer.length) {
      flush();
    }
    if (count > buffer.length) {
      data.seek(length);
      data.write(bytes, 0, count);
    } else {
      System.arraycopy(bytes, 0, buffer, buffered, count);
      buffered += count;
    }
    length += count;
  }

  private void flush() throws IOException {
    data.seek(length - buffered);
    data.write(buffer, 0, buffered);
    buffered = 0;
  }

  /** The content of an object, which must be there. */
  synchronized byte[] read(AnyObjectId id) throws IOException {
    flush();
    List<byte[]> deltas = new ArrayList<>();
    EntryReader at = new EntryReader(entry(id).getOffset());
    while (at.type == DELTA_TO_OFFSET) {
      deltas.add(at.inflate());
      at = new EntryReader(at.start - at.distance);
    }
    byte[] content = at.inflate();
    for (byte[] delta : deltas.reversed()) {
      content = BinaryDelta.apply(content, delta);
    }
    return content;
  }

  /** The type of an object, which must be there. */
  synchronized int type(AnyObjectId id) {
    return entry(id).objectType;
  }

  private Entry entry(AnyObjectId id) {
    Entry entry = entries.get(id);
    if (entry == null) {
      throw new IllegalStateException("object " + id.name() + " is not in the pack");
    }
    return entry;
  }

  /** Reads one entry's header. */
  private final class EntryReader {
    private final long start;
    private final int type;
    private final int size;
    private final long distance;

    EntryReader(long start) throws IOException {
      this.start = start;
      data.seek(start);
      byte[] head = new byte[(int) Math.min(64, length - start)];
      data.readFully(head);
      ByteBuffer header = ByteBuffer.wrap(head);
      int next = header.get();
      this.type = (next >> 4) & 7;
      long inflated = next & 0xf;
      for (int shift = 4; (next & 0x80) != 0; shift += 7) {
        next = header.get();
        inflated |= (long) (next & 0x7f) << shift;
      }
      this.size = Math.toIntExact(inflated);
      this.distance = type == DELTA_TO_OFFSET ? distance(header) : 0;
      data.seek(start + header.position());
    }

    private static long distance(ByteBuffer header) {
      int next = header.get();
      long distance = next & 0x7f;
      while ((next & 0x80) != 0) {
        next = header.get();
        distance = ((distance + 1) << 7) | (next & 0x7f);
      }
      return distance;
    }

    /** Call once, before any other entry is read. */
    byte[] inflate() throws IOException {
      byte[] content = new byte[size];
      byte[] chunk = new byte[Math.clamp(size, 64, 1 << 16)];
      try (Inflater inflater = new Inflater()) {
        int done = 0;
        while (!inflater.finished()) {
          if (inflater.needsInput()) {
            inflater.setInput(chunk, 0, data.read(chunk));
          }
          done += inflater.inflate(content, done, size - done);
        }
        return content;
      } catch (DataFormatException e) {
        throw new IOException("the pack in " + file + " was changed while it was written", e);
      }
    }
  }

  /**
   * Completes the pack and gives it and its index the names that git expects.
   *
   * @param folder git's {@code objects/pack}
   */
  synchronized void finish(Path folder) throws IOException {
    flush();
    byte[] header =
        ByteBuffer.allocate(HEADER)
            .put(Constants.PACK_SIGNATURE)
            .putInt(2)
            .putInt(entries.size())
            .array();
    data.seek(0);
    data.write(header);
    byte[] checksum = checksum();
    data.seek(length);
    data.write(checksum);
    data.close();
    Path index = Files.createTempFile(folder, "tmp_idx_", null);
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(index))) {
      List<Entry> sorted = new ArrayList<>(entries.size());
      entries.forEach(sorted::add);
      sorted.sort(null);
      BasePackIndexWriter.createVersion(out, 2).write(sorted, checksum);
    }
    String name = "pack-" + org.eclipse.jgit.lib.ObjectId.fromRaw(checksum).name();
    Files.move(file, folder.resolve(name + ".pack"));
    Files.move(index, folder.resolve(name + ".idx"));
  }

  private byte[] checksum() throws IOException {
    var digest = Constants.newMessageDigest();
    data.seek(0);
    byte[] chunk = new byte[1 << 18];
    for (long left = length; left > 0; ) {
      int n = data.read(chunk, 0, (int) Math.min(chunk.length, left));
      digest.update(chunk, 0, n);
      left -= n;
    }
    return digest.digest();
  }

  /** Closes the file; what was not finished is of no use. */
  @Override
  public synchronized void close() throws IOException {
    buffer = new byte[0];
    data.close();
  }
}
