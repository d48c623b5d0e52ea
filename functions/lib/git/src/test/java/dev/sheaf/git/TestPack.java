package dev.sheaf.git;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.Deflater;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;

/** A pack put together byte by byte (gitformat-pack(5)), with whatever lies a test needs. */
final class TestPack {
  private final ByteArrayOutputStream objects = new ByteArrayOutputStream();
  private int count;
  private int version = 2;

  TestPack version(int number) {
    version = number;
    return this;
  }

  TestPack whole(int type, String text) {
    return whole(type, text.getBytes(UTF_8));
  }

  TestPack whole(int type, byte[] data) {
    return whole(type, data.length, data);
  }

  /** An object that says that it has another length. */
  TestPack whole(int type, long said, String text) {
    return whole(type, said, text.getBytes(UTF_8));
  }

  private TestPack whole(int type, long said, byte[] data) {
    header(type, said);
    objects.writeBytes(deflate(data));
    count++;
    return this;
  }

  TestPack delta(ObjectId base, byte[] delta) {
    header(Constants.OBJ_REF_DELTA, delta.length);
    byte[] id = new byte[Constants.OBJECT_ID_LENGTH];
    base.copyRawTo(id, 0);
    objects.writeBytes(id);
    objects.writeBytes(deflate(delta));
    count++;
    return this;
  }

  /** A delta that is a base of some length, so many times; below 64 KiB. */
  static byte[] copies(int baseLength, int times) {
    ByteArrayOutputStream delta = new ByteArrayOutputStream();
    varint(delta, baseLength);
    varint(delta, (long) baseLength * times);
    for (int i = 0; i < times; i++) {
      delta.write(0x80 | 0x10 | 0x20);
      delta.write(baseLength & 0xff);
      delta.write(baseLength >> 8);
    }
    return delta.toByteArray();
  }

  private void header(int type, long length) {
    long more = length >>> 4;
    objects.write((int) (type << 4 | (length & 15) | (more > 0 ? 0x80 : 0)));
    if (more > 0) {
      varint(objects, more);
    }
  }

  private static void varint(ByteArrayOutputStream target, long value) {
    long rest = value;
    for (; rest > 0x7f; rest >>>= 7) {
      target.write((int) ((rest & 0x7f) | 0x80));
    }
    target.write((int) rest);
  }

  private static byte[] deflate(byte[] data) {
    Deflater deflater = new Deflater();
    deflater.setInput(data);
    deflater.finish();
    byte[] out = new byte[data.length + 100];
    return Arrays.copyOf(out, deflater.deflate(out));
  }

  byte[] bytes() {
    ByteBuffer header = ByteBuffer.allocate(12);
    header.put("PACK".getBytes(UTF_8)).putInt(version).putInt(count);
    ByteArrayOutputStream pack = new ByteArrayOutputStream();
    pack.writeBytes(header.array());
    pack.writeBytes(objects.toByteArray());
    pack.writeBytes(Constants.newMessageDigest().digest(pack.toByteArray()));
    return pack.toByteArray();
  }

  /** The same pack, its checksum right, announcing another number of objects. */
  static byte[] withCount(byte[] pack, int announced) {
    byte[] body = Arrays.copyOf(pack, pack.length - Constants.OBJECT_ID_LENGTH);
    ByteBuffer.wrap(body).putInt(8, announced);
    ByteArrayOutputStream lying = new ByteArrayOutputStream();
    lying.writeBytes(body);
    lying.writeBytes(Constants.newMessageDigest().digest(body));
    return lying.toByteArray();
  }
}
