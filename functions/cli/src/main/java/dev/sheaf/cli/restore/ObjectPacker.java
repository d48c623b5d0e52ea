package dev.sheaf.cli.restore;

import dev.sheaf.bundle.BytesContent;
import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.FileContent;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import org.eclipse.jgit.internal.storage.pack.DeltaIndex;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;
import org.jspecify.annotations.Nullable;

/** Names, compresses and deltifies objects for a pack. One thread; each worker has its own. */
final class ObjectPacker implements AutoCloseable {
  /** Below this a delta saves nothing worth having. */
  private static final int SMALLEST_DELTIFIED = 50;

  private static final int LARGEST_DELTIFIED = 16 << 20;

  private final Deflater deflater = new Deflater(Deflater.BEST_SPEED);
  private final MessageDigest sha1 = Constants.newMessageDigest();
  private final Path folder;

  /**
   * @param folder where contents that are too large for memory are put; whoever made it deletes it
   */
  ObjectPacker(Path folder) {
    this.folder = folder;
  }

  /** An object to make deltas of; its index takes more time to build than to use, so it waits. */
  static final class Base {
    /** No base: what is packed on it is packed whole. */
    static final Base NONE = new Base(ObjectId.zeroId(), new byte[0]);

    private final ObjectId id;
    private final byte[] content;

    private Base(ObjectId id, byte[] content) {
      this.id = id;
      this.content = content;
    }

    /** The object as a base; {@link #NONE} when it is too small, or too large to be held. */
    static Base of(ObjectId id, Content content) {
      return content instanceof BytesContent inMemory && isDeltified(content.size())
          ? new Base(id, inMemory.bytes())
          : NONE;
    }

    /** The delta that makes the target, if it is at most half as long. */
    byte @Nullable [] deltaTo(byte[] target) throws IOException {
      ByteArrayOutputStream delta = new ByteArrayOutputStream();
      boolean good =
          content.length > 0 && new DeltaIndex(content).encode(delta, target, target.length / 2);
      return good ? delta.toByteArray() : null;
    }
  }

  /** The SHA-1 of an object. */
  ObjectId name(int type, Content content) throws IOException {
    sha1.update(Constants.encodedTypeString(type));
    sha1.update((byte) ' ');
    sha1.update(Constants.encodeASCII(content.size()));
    sha1.update((byte) 0);
    if (content instanceof BytesContent inMemory) {
      sha1.update(inMemory.bytes());
    } else {
      try (InputStream in = content.open()) {
        byte[] chunk = new byte[1 << 16];
        for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
          sha1.update(chunk, 0, n);
        }
      }
    }
    return ObjectId.fromRaw(sha1.digest());
  }

  private static boolean isDeltified(long size) {
    return size >= SMALLEST_DELTIFIED && size <= LARGEST_DELTIFIED;
  }

  /** Packs an object whole. */
  PackedObject whole(ObjectId id, int type, Content content) throws IOException {
    return new PackedObject(id, type, null, content.size(), deflate(content));
  }

  /** Packs an object as a delta that is at hand. */
  PackedObject delta(ObjectId id, int type, ObjectId base, byte[] delta) throws IOException {
    return new PackedObject(id, type, base, delta.length, Content.of(deflate(delta)));
  }

  /** Packs an object as a delta where that is much shorter, else whole. */
  PackedObject pack(ObjectId id, int type, Content content, Base base) throws IOException {
    if (content instanceof BytesContent inMemory && isDeltified(content.size())) {
      byte[] delta = base.deltaTo(inMemory.bytes());
      if (delta != null) {
        return delta(id, type, base.id, delta);
      }
    }
    return whole(id, type, content);
  }

  private Content deflate(Content content) throws IOException {
    if (content instanceof BytesContent inMemory) {
      return Content.of(deflate(inMemory.bytes()));
    }
    Path file = Files.createTempFile(folder, "deflated-", null);
    deflater.reset();
    try (InputStream in = content.open();
        OutputStream out =
            new DeflaterOutputStream(Files.newOutputStream(file), deflater, 1 << 16)) {
      in.transferTo(out);
    }
    return new FileContent(file, Files.size(file));
  }

  private byte[] deflate(byte[] content) {
    deflater.reset();
    deflater.setInput(content);
    deflater.finish();
    byte[] chunk = new byte[Math.clamp(content.length / 2L, 64, 1 << 16)];
    ByteArrayOutputStream out = new ByteArrayOutputStream(chunk.length);
    while (!deflater.finished()) {
      out.write(chunk, 0, deflater.deflate(chunk));
    }
    return out.toByteArray();
  }

  @Override
  public void close() {
    deflater.end();
  }
}
