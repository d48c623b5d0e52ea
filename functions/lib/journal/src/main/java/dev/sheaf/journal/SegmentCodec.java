package dev.sheaf.journal;

import dev.sheaf.journal.json.JsonReader;
import dev.sheaf.journal.json.JsonSyntaxException;
import dev.sheaf.journal.json.JsonWriter;
import java.util.ArrayList;
import java.util.List;

/** The body of a segment: <code>{"ops":[...]}</code>. */
final class SegmentCodec {
  private static final String OPEN = "{\"ops\":[";
  private static final String CLOSE = "]}";

  private SegmentCodec() {}

  /** A segment of these operations. */
  static byte[] encode(List<Operation> ops) {
    JsonWriter out = new JsonWriter().raw(OPEN);
    for (int i = 0; i < ops.size(); i++) {
      if (i > 0) {
        out.raw(",");
      }
      OperationCodec.encode(ops.get(i), out);
    }
    return out.raw(CLOSE).toBytes();
  }

  /** A segment of what several callers have encoded, in this order. */
  static byte[] join(List<EncodedOps> parts) {
    int size = parts.stream().mapToInt(part -> part.size() + 1).sum();
    JsonWriter out = new JsonWriter(size + OPEN.length() + CLOSE.length()).raw(OPEN);
    for (int i = 0; i < parts.size(); i++) {
      if (i > 0) {
        out.raw(",");
      }
      parts.get(i).writeTo(out);
    }
    return out.raw(CLOSE).toBytes();
  }

  /**
   * Reads a segment.
   *
   * @throws JsonSyntaxException when a replica must not go on without knowing what it says
   */
  static List<Operation> decode(byte[] body) {
    JsonReader in = new JsonReader(body);
    List<Operation> ops = List.of();
    if (!in.atObject()) {
      EnvelopeMembers.requireNull(in.value(), "an object");
      in.end();
      return ops;
    }
    in.beginObject();
    for (String name = in.nextName(); name != null; name = in.nextName()) {
      if (EnvelopeMembers.matches(name, "ops")) {
        ops = decodeOps(in);
      } else {
        in.value();
      }
    }
    in.end();
    return ops;
  }

  private static List<Operation> decodeOps(JsonReader in) {
    if (!in.atArray()) {
      EnvelopeMembers.requireNull(in.value(), "an array as ops");
      return List.of();
    }
    List<Operation> ops = new ArrayList<>();
    in.beginArray();
    while (in.nextElement()) {
      ops.add(OperationCodec.decode(in));
    }
    return List.copyOf(ops);
  }
}
