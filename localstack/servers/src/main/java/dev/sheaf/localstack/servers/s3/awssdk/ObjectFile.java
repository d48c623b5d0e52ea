package dev.sheaf.localstack.servers.s3.awssdk;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Map;
import java.util.zip.CRC32;

/**
 * The form of an object on disk: one file that carries both the bytes and all that has to be known
 * about them, so that one rename publishes both.
 *
 * <pre>
 * the object's bytes
 * facts    JSON: key, etag, lastModified (epoch seconds), headers, metadata
 * length   int, of the facts
 * crc      int, CRC-32 of the facts
 * magic    8 bytes "SHEAFOB1"
 * </pre>
 */
final class ObjectFile implements Body {
  private static final byte[] MAGIC = "SHEAFOB1".getBytes(UTF_8);
  private static final int FOOTER_BYTES = 4 + 4 + MAGIC.length;
  private static final ObjectMapper JSON = JsonMapper.builder().build();

  private final Path path;
  private final long size;

  ObjectFile(Path path, long size) {
    this.path = path;
    this.size = size;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public InputStream open(long offset, long length) throws IOException {
    return new ChannelStream(FileChannel.open(path, StandardOpenOption.READ), offset, length, true);
  }

  /** What follows the bytes in the file. */
  static ByteBuffer tail(StoredObject object) throws IOException {
    byte[] facts =
        JSON.writeValueAsBytes(
            new Facts(
                object.key().toString(),
                object.etag(),
                object.lastModified().getEpochSecond(),
                object.headers(),
                object.metadata()));
    ByteBuffer tail = ByteBuffer.allocate(facts.length + FOOTER_BYTES);
    tail.put(facts).putInt(facts.length).putInt(crc(facts)).put(MAGIC);
    return tail.flip();
  }

  /**
   * Reads the facts of a stored file.
   *
   * @throws IOException also when the file is not a whole object file
   */
  static StoredObject read(Path path) throws IOException {
    try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
      long end = file.size() - FOOTER_BYTES;
      ByteBuffer footer = end < 0 ? ByteBuffer.allocate(0) : read(file, end, FOOTER_BYTES);
      int length = footer.hasRemaining() ? footer.getInt() : -1;
      int crc = footer.hasRemaining() ? footer.getInt() : 0;
      if (length < 0 || length > end || !footer.equals(ByteBuffer.wrap(MAGIC))) {
        throw new IOException("not a whole object file: " + path);
      }
      byte[] facts = read(file, end - length, length).array();
      if (crc(facts) != crc) {
        throw new IOException("the facts at the end of the object file are damaged: " + path);
      }
      return JSON.readValue(facts, Facts.class).object(new ObjectFile(path, end - length));
    }
  }

  private static ByteBuffer read(FileChannel file, long position, int length) throws IOException {
    ByteBuffer into = ByteBuffer.allocate(length);
    while (into.hasRemaining()) {
      if (file.read(into, position + into.position()) < 0) {
        throw new IOException("the file became shorter while it was read");
      }
    }
    return into.flip();
  }

  private static int crc(byte[] bytes) {
    CRC32 crc = new CRC32();
    crc.update(bytes);
    return (int) crc.getValue();
  }

  private record Facts(
      @JsonProperty("key") String key,
      @JsonProperty("etag") String etag,
      @JsonProperty("lastModified") long lastModified,
      @JsonProperty("headers") Map<String, String> headers,
      @JsonProperty("metadata") Map<String, String> metadata) {
    StoredObject object(Body body) {
      return new StoredObject(
          Key.of(key), etag, Instant.ofEpochSecond(lastModified), headers, metadata, body);
    }
  }
}
