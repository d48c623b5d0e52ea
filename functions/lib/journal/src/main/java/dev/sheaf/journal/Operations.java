package dev.sheaf.journal;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.journal.json.JsonSyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Operations from their JSON, for tools. */
public final class Operations {
  private Operations() {}

  /**
   * Reads operations, each as it stands in a segment: <code>{"op":"IntAdd","Key":"n","Delta":1}
   * </code>.
   *
   * @throws SheafException of kind INVALID when one is not
   */
  public static List<Operation> parse(List<String> texts) {
    String body = "{\"ops\":[" + String.join(",", texts) + "]}";
    return parseSegment(body.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Reads a whole segment body.
   *
   * @throws SheafException of kind INVALID when it is none
   */
  public static List<Operation> parseSegment(byte[] body) {
    try {
      return SegmentCodec.decode(body);
    } catch (JsonSyntaxException e) {
      throw new SheafException(ErrorKind.INVALID, "not operations: " + e.getMessage(), e);
    }
  }
}
