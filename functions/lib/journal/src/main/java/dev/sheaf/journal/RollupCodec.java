package dev.sheaf.journal;

import dev.sheaf.journal.json.Json;
import dev.sheaf.journal.json.JsonCompact;
import dev.sheaf.journal.json.JsonObject;
import dev.sheaf.journal.json.JsonReader;
import dev.sheaf.journal.json.JsonSyntaxException;
import dev.sheaf.journal.json.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** The body of a rollup: <code>{"state":{...},"mark":{"lm":"...","key":"..."}}</code>. */
final class RollupCodec {
  private static final String EMPTY_OBJECT = "{}";

  private RollupCodec() {}

  /** What a rollup says. */
  record Body(JsonObject state, Mark mark) {}

  static byte[] encode(JsonObject state, Mark mark) {
    JsonWriter out = new JsonWriter().raw("{\"state\":").value(state);
    return mark(mark, out).toBytes();
  }

  /**
   * The first rollup of a namespace that an older format left a state for: that state with its
   * member order and its numbers, only without blanks. A state that is no object counts as none.
   */
  static byte[] seed(Optional<byte[]> legacy) {
    byte[] state =
        legacy
            .filter(RollupCodec::isObject)
            .map(JsonCompact::compact)
            .orElse(EMPTY_OBJECT.getBytes(StandardCharsets.UTF_8));
    return mark(Mark.ZERO, new JsonWriter().raw("{\"state\":").raw(state)).toBytes();
  }

  /** Whether a legacy body is one complete object. */
  static boolean isObject(byte[] body) {
    try {
      return JsonReader.parse(body) instanceof JsonObject;
    } catch (JsonSyntaxException e) {
      return false;
    }
  }

  private static JsonWriter mark(Mark mark, JsonWriter out) {
    out.raw(",\"mark\":{\"lm\":").string(mark.stampText());
    return out.raw(",\"key\":").string(mark.segment()).raw("}}");
  }

  /**
   * Reads a rollup.
   *
   * @throws JsonSyntaxException when there is no state to go on from
   */
  static Body decode(byte[] body) {
    JsonReader in = new JsonReader(body);
    Json state = Json.NULL;
    Mark mark = Mark.ZERO;
    if (in.atObject()) {
      in.beginObject();
      for (String name = in.nextName(); name != null; name = in.nextName()) {
        if (EnvelopeMembers.matches(name, "state")) {
          state = in.value();
        } else if (EnvelopeMembers.matches(name, "mark")) {
          mark = mark(EnvelopeMembers.read(in), mark);
        } else {
          in.value();
        }
      }
    } else {
      in.value();
    }
    in.end();
    if (state instanceof JsonObject object) {
      return new Body(object, mark);
    }
    throw new JsonSyntaxException("a rollup must have an object as state");
  }

  /** Several marks in one body fill one another up, as in Go. */
  private static Mark mark(EnvelopeMembers members, Mark before) {
    Rfc3339.Stamp stamp = Rfc3339.parse(members.text("lm", before.stampText()));
    return new Mark(stamp.instant(), stamp.offsetMinutes(), members.text("key", before.segment()));
  }
}
