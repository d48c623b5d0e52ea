package dev.sheaf.journal;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.journal.json.JsonSyntaxException;
import dev.sheaf.journal.json.JsonWriter;
import java.util.Arrays;
import java.util.List;

/**
 * One caller's operations, ready to be stored: their bytes, and the form in which every replica
 * reads those bytes back. The writer applies that form too, so it serves what the others serve.
 */
final class EncodedOps {
  private static final int FRAME = "{\"ops\":[".length();
  private static final int TAIL = "]}".length();

  private final byte[] segment;
  private final List<Operation> asRead;

  private EncodedOps(byte[] segment, List<Operation> asRead) {
    this.segment = segment;
    this.asRead = asRead;
  }

  /**
   * Encodes operations and reads them back.
   *
   * @throws SheafException of kind INVALID when a value has no JSON text; nothing was sent then
   */
  static EncodedOps of(List<Operation> ops) {
    byte[] segment = SegmentCodec.encode(ops);
    try {
      return new EncodedOps(segment, SegmentCodec.decode(segment));
    } catch (JsonSyntaxException e) {
      throw new SheafException(
          ErrorKind.INVALID,
          "operations hold a value that JSON cannot carry (NaN, an infinity, or too deep a nesting);"
              + " nothing was written: "
              + e.getMessage(),
          e);
    }
  }

  List<Operation> asRead() {
    return asRead;
  }

  /** Length in bytes. */
  int size() {
    return segment.length - FRAME - TAIL;
  }

  void writeTo(JsonWriter out) {
    out.raw(Arrays.copyOfRange(segment, FRAME, segment.length - TAIL));
  }
}
