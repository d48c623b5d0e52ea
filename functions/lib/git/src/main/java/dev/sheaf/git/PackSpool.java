package dev.sheaf.git;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.storage.Deadline;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import org.eclipse.jgit.errors.TooLargeObjectInPackException;
import org.eclipse.jgit.lib.AnyObjectId;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectDatabase;
import org.eclipse.jgit.transport.PackParser;
import org.eclipse.jgit.transport.PackedObjectInfo;

/**
 * JGit's pack parser over a temp file: the stream goes there as it comes; deltas are resolved from
 * it, and bases that are not in the pack are appended. The trailer is the caller's to write.
 *
 * <p>JGit's own DFS parser leaves the old number of objects in a pack that it completed, which git
 * takes for damage; so this is the parser, and {@link PackNames} puts number and checksum right.
 */
final class PackSpool extends PackParser implements Closeable {
  private static final int HEADER = 12;

  private final PackLimits limits;
  private final References references = new References();
  private final OddObjects odd = new OddObjects();
  private final CRC32 crc = new CRC32();
  private final Deflater deflater = new Deflater();
  private final RandomAccessFile file;
  private long end;
  private boolean completed;

  PackSpool(ObjectDatabase bases, InputStream pack, Path target, PackLimits limits)
      throws IOException {
    super(new BoundedBases(bases, limits.objectBytes()), pack);
    this.limits = limits;
    this.file = new RandomAccessFile(target.toFile(), "rw");
    setAllowThin(true);
    setCheckEofAfterPackFooter(true);
    // Its SHA-1 knows the known collisions; to read an old object for each new one proves no more.
    setCheckObjectCollisions(false);
    setObjectChecking(false);
  }

  /** What the pack's own objects name; the bases that were appended name what is here already. */
  References references() {
    return references;
  }

  /** What is odd about the pack's own objects. */
  List<String> odd() {
    return odd.found();
  }

  /** Number of bytes before the trailer. */
  long end() {
    return end;
  }

  /** Whether bases were appended, so that the header is wrong. */
  boolean isCompleted() {
    return completed;
  }

  RandomAccessFile file() {
    return file;
  }

  @Override
  protected void onPackHeader(long objects) {
    if (objects > limits.objects()) {
      throw tooLarge(
          "it announces %d objects, %d are the most".formatted(objects, limits.objects()));
    }
  }

  private static SheafException tooLarge(String what) {
    return new SheafException(
        ErrorKind.TOO_LARGE,
        "the pack is too large for this function: " + what + "; push less at a time");
  }

  @Override
  protected void onStoreStream(byte[] raw, int pos, int len) {
    append(raw, pos, len);
  }

  private void append(byte[] bytes, int from, int length) {
    if (end + length > limits.packBytes()) {
      throw tooLarge("it has more than the %d bytes of temp space".formatted(limits.packBytes()));
    }
    if (Deadline.isOver()) {
      throw new SheafException(ErrorKind.UNAVAILABLE, "out of time while a pack was parsed");
    }
    try {
      file.seek(end);
      file.write(bytes, from, length);
    } catch (IOException e) {
      throw temp(e);
    }
    end += length;
  }

  /** A disk that is full or fails: nobody who sent something is at fault. */
  static SheafException temp(IOException e) {
    return new SheafException(
        ErrorKind.UNAVAILABLE,
        "temp space of this function cannot be used (%s); try again".formatted(e.getMessage()),
        e);
  }

  @Override
  protected void onPackFooter(byte[] hash) {
    if (end < HEADER) {
      throw new IllegalStateException("a pack without a header");
    }
    // What comes next is deltas, whose results are in memory.
    setMaxObjectSizeLimit(limits.objectBytes());
  }

  @Override
  protected void onBeginWholeObject(long position, int type, long inflated)
      throws TooLargeObjectInPackException {
    if (type != Constants.OBJ_BLOB) {
      requireFits(inflated);
    } else if (inflated > limits.blobBytes()) {
      throw new SheafException(
          ErrorKind.TOO_LARGE,
          "a file in the pack is too large for this function: it has %d bytes, %d are the most"
              .formatted(inflated, limits.blobBytes()));
    }
    crc.reset();
  }

  private void requireFits(long inflated) throws TooLargeObjectInPackException {
    if (inflated > limits.objectBytes()) {
      throw new TooLargeObjectInPackException(inflated, limits.objectBytes());
    }
  }

  @Override
  protected void onEndWholeObject(PackedObjectInfo object) {
    object.setCRC((int) crc.getValue());
  }

  @Override
  protected void onBeginOfsDelta(long position, long base, long inflated)
      throws TooLargeObjectInPackException {
    requireFits(inflated);
    crc.reset();
  }

  @Override
  protected void onBeginRefDelta(long position, AnyObjectId base, long inflated)
      throws TooLargeObjectInPackException {
    requireFits(inflated);
    crc.reset();
  }

  @Override
  protected UnresolvedDelta onEndDelta() {
    UnresolvedDelta delta = new UnresolvedDelta();
    delta.setCRC((int) crc.getValue());
    return delta;
  }

  @Override
  protected void onObjectHeader(Source source, byte[] raw, int pos, int len) {
    crc.update(raw, pos, len);
  }

  @Override
  protected void onObjectData(Source source, byte[] raw, int pos, int len) {
    crc.update(raw, pos, len);
  }

  @Override
  protected void onInflatedObjectData(PackedObjectInfo object, int type, byte[] data)
      throws IOException {
    references.addFrom(object, type, data);
    odd.look(object, type, data);
  }

  @Override
  protected ObjectTypeAndSize seekDatabase(PackedObjectInfo object, ObjectTypeAndSize info)
      throws IOException {
    // Read again only where a delta builds on it.
    ObjectTypeAndSize base = seek(object.getOffset(), info);
    requireFits(base.size);
    return base;
  }

  @Override
  protected ObjectTypeAndSize seekDatabase(UnresolvedDelta delta, ObjectTypeAndSize info)
      throws IOException {
    if (Deadline.isOver()) {
      throw new SheafException(ErrorKind.UNAVAILABLE, "out of time while deltas were resolved");
    }
    return seek(delta.getOffset(), info);
  }

  private ObjectTypeAndSize seek(long offset, ObjectTypeAndSize info) throws IOException {
    try {
      file.seek(offset);
    } catch (IOException e) {
      throw temp(e);
    }
    crc.reset();
    return readObjectHeader(info);
  }

  @Override
  protected int readDatabase(byte[] target, int pos, int count) {
    try {
      return file.read(target, pos, count);
    } catch (IOException e) {
      throw temp(e);
    }
  }

  @Override
  protected boolean checkCRC(int expected) {
    return expected == (int) crc.getValue();
  }

  @Override
  protected boolean onAppendBase(int type, byte[] data, PackedObjectInfo base) {
    completed = true;
    base.setOffset(end);
    crc.reset();
    byte[] buffer = buffer();
    appendCounted(buffer, header(type, data.length, buffer));
    deflater.reset();
    deflater.setInput(data);
    deflater.finish();
    while (!deflater.finished()) {
      appendCounted(buffer, deflater.deflate(buffer));
    }
    base.setCRC((int) crc.getValue());
    return true;
  }

  private void appendCounted(byte[] bytes, int length) {
    crc.update(bytes, 0, length);
    append(bytes, 0, length);
  }

  /** An object's type and length as a pack says them (gitformat-pack(5)); its own length. */
  private static int header(int type, int length, byte[] target) {
    int at = 0;
    int more = length >>> 4;
    target[at++] = (byte) ((type << 4) | (length & 15) | (more > 0 ? 0x80 : 0));
    while (more > 0) {
      target[at++] = (byte) ((more & 0x7f) | (more >> 7 > 0 ? 0x80 : 0));
      more >>>= 7;
    }
    return at;
  }

  @Override
  protected void onEndThinPack() {
    // The caller reads the pack once more in any case, to learn its name.
  }

  @Override
  public void close() throws IOException {
    deflater.end();
    file.close();
  }
}
