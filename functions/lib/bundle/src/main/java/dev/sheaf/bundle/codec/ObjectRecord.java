package dev.sheaf.bundle.codec;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.FileContent;
import dev.sheaf.bundle.msgpack.MsgpackReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One object while it is being read. */
final class ObjectRecord {
  private final MsgpackReader in;
  private final RecordFields fields;
  private final BundleLimits limits;
  private final Spool spool;

  private @Nullable ContentId id;
  private @Nullable Content content;
  private Encoding encoding = Encoding.RAW;
  private @Nullable String path;

  ObjectRecord(MsgpackReader in, RecordFields fields, BundleLimits limits, Spool spool) {
    this.in = in;
    this.fields = fields;
    this.limits = limits;
    this.spool = spool;
  }

  WireObject read() throws IOException {
    boolean complete = false;
    try {
      Set<String> seen = new HashSet<>();
      for (int rest = in.readMapHeader(); rest > 0; rest--) {
        field(fields.key(seen));
      }
      WireObject object = object();
      complete = true;
      return object;
    } finally {
      if (!complete && content != null) {
        Spool.discard(content);
      }
    }
  }

  private WireObject object() {
    if (id == null) {
      throw in.fail("object_id is missing");
    }
    if (content == null) {
      throw in.fail("object " + id + " has no content");
    }
    return new WireObject(id, encoding, content, path);
  }

  private void field(String key) throws IOException {
    switch (key) {
      case "object_id" -> id = fields.objectId();
      case "content" -> content = content();
      case "encoding" -> encoding = encoding();
      case "path" -> path = fields.text(key, limits.pathBytes(), "pathBytes");
      default -> in.skipValue();
    }
  }

  private Encoding encoding() throws IOException {
    String name = fields.text("encoding", limits.pathBytes(), "pathBytes");
    return switch (name) {
      case null -> Encoding.RAW;
      case "", "raw" -> Encoding.RAW;
      case "zstd" -> Encoding.ZSTD;
      default -> throw in.fail("unknown encoding '" + name + "'; known are raw and zstd");
    };
  }

  private @Nullable Content content() throws IOException {
    if (in.tryNil()) {
      return null;
    }
    long size = in.readBinaryHeader();
    if (size > limits.objectBytes()) {
      throw in.fail(
          "an object of " + size + " bytes passes the limit objectBytes " + limits.objectBytes());
    }
    return size <= spool.memoryBytes() ? Content.of(in.readPayload(size)) : spooled(size);
  }

  private Content spooled(long size) throws IOException {
    Path file = spool.newFile();
    boolean complete = false;
    try (OutputStream out = Files.newOutputStream(file)) {
      in.copyPayload(size, out);
      complete = true;
    } finally {
      if (!complete) {
        Files.deleteIfExists(file);
      }
    }
    return new FileContent(file, size);
  }
}
