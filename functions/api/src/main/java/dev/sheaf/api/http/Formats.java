package dev.sheaf.api.http;

import dev.sheaf.bundle.BytesContent;
import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.msgpack.Msgpack;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/** Documents from and to bytes. */
final class Formats {
  /** Values of one byte each would take more memory than a function has. */
  private static final int MAX_VALUES = JsonDocuments.MAX_VALUES;

  /** As many as the refs of one push have, each a map of four names and values. */
  private static final int MAX_UNPACKED_VALUES = 1_000_000;

  private Formats() {}

  /**
   * Reads a request's document; no body counts as an empty one.
   *
   * @throws HttpFailure 413 past the limit, 415 for another format, 400 for bytes that are not in
   *     the format that they are said to be in, or are no map
   */
  static Document decode(Request request, int maxBytes) {
    byte[] bytes = request.body().bytes(maxBytes);
    if (bytes.length == 0) {
      return new Document(Map.of());
    }
    requirePlain(request);
    Format format = formatOf(request);
    try {
      return new Document(read(format, bytes));
    } catch (IOException | SheafException e) {
      throw HttpFailure.malformed("the body is no " + format + " map: " + e.getMessage(), e);
    }
  }

  /**
   * A document inside another one: msgpack in gzip.
   *
   * @param field its name
   * @param maxUnpacked how many bytes it may have when unpacked
   * @throws HttpFailure 413 for more, 400 for bytes that are something else
   */
  static Document unpack(String field, byte[] gzip, int maxUnpacked) {
    byte[] bytes;
    try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(gzip))) {
      bytes = in.readNBytes(maxUnpacked + 1);
    } catch (IOException e) {
      throw HttpFailure.malformed("field " + field + " is no gzip: " + e.getMessage(), e);
    }
    if (bytes.length > maxUnpacked) {
      throw HttpFailure.tooLarge(
          "field "
              + field
              + " unpacks to more than the "
              + maxUnpacked
              + " bytes that this route takes; send less");
    }
    try {
      return new Document(Msgpack.decodeForeignMap(bytes, MAX_UNPACKED_VALUES));
    } catch (SheafException e) {
      throw HttpFailure.malformed("field " + field + " is no msgpack map: " + e.getMessage(), e);
    }
  }

  static byte[] encode(Format format, Map<String, ? extends @Nullable Object> fields) {
    return switch (format) {
      case JSON -> JsonDocuments.write(fields);
      case MSGPACK -> Msgpack.encode(fields);
    };
  }

  /** A document that is msgpack already, in the format wanted. */
  static Content transcode(BytesContent msgpack, Format format) {
    return switch (format) {
      case MSGPACK -> msgpack;
      case JSON -> Content.of(JsonDocuments.write(Msgpack.decodeMap(msgpack.bytes())));
    };
  }

  private static Map<String, @Nullable Object> read(Format format, byte[] bytes)
      throws IOException {
    return switch (format) {
      case JSON -> JsonDocuments.readMap(bytes);
      case MSGPACK -> Msgpack.decodeForeignMap(bytes, MAX_VALUES);
    };
  }

  private static Format formatOf(Request request) {
    String type = request.header("Content-Type").orElse(Format.JSON.mediaType);
    return Format.ofContentType(type)
        .orElseThrow(() ->
            HttpFailure.unsupportedMediaType(
                "Content-Type "
                    + type
                    + " is not understood; send application/json or "
                    + Format.MSGPACK.mediaType));
  }

  private static void requirePlain(Request request) {
    String encoding = request.header("Content-Encoding").orElse("identity");
    if (!encoding.equalsIgnoreCase("identity")) {
      throw HttpFailure.unsupportedMediaType(
          "Content-Encoding " + encoding + " is not understood; send the body as it is");
    }
  }
}
