package dev.sheaf.journal;

import dev.sheaf.journal.Operation.IntAdd;
import dev.sheaf.journal.Operation.IntDiv;
import dev.sheaf.journal.Operation.IntMapAdd;
import dev.sheaf.journal.Operation.IntMapDelete;
import dev.sheaf.journal.Operation.IntMapDiv;
import dev.sheaf.journal.Operation.IntMapMul;
import dev.sheaf.journal.Operation.IntMapSet;
import dev.sheaf.journal.Operation.IntMul;
import dev.sheaf.journal.Operation.IntSet;
import dev.sheaf.journal.Operation.ListAppend;
import dev.sheaf.journal.Operation.MapDelete;
import dev.sheaf.journal.Operation.MapSet;
import dev.sheaf.journal.Operation.ScalarDelete;
import dev.sheaf.journal.Operation.ScalarSet;
import dev.sheaf.journal.Operation.SetAdd;
import dev.sheaf.journal.Operation.SetRemove;
import dev.sheaf.journal.json.Json;
import dev.sheaf.journal.json.JsonReader;
import dev.sheaf.journal.json.JsonSyntaxException;
import dev.sheaf.journal.json.JsonWriter;

/** Operations as they stand in a segment: the kind first, then every field, also the empty ones. */
final class OperationCodec {
  private OperationCodec() {}

  static void encode(Operation op, JsonWriter out) {
    begin(op, out);
    switch (op) {
      case ScalarSet(_, Json value) -> any("Value", value, out);
      case ScalarDelete _ -> {}
      case IntSet(_, long value) -> whole("Value", value, out);
      case IntAdd(_, long delta) -> whole("Delta", delta, out);
      case IntMul(_, long factor) -> whole("Factor", factor, out);
      case IntDiv(_, long divisor) -> whole("Divisor", divisor, out);
      case SetAdd(_, Json member) -> any("Member", member, out);
      case SetRemove(_, Json member) -> any("Member", member, out);
      case IntMapSet(_, Json mapKey, long value) -> mapped(mapKey, "Value", value, out);
      case IntMapAdd(_, Json mapKey, long delta) -> mapped(mapKey, "Delta", delta, out);
      case IntMapMul(_, Json mapKey, long factor) -> mapped(mapKey, "Factor", factor, out);
      case IntMapDiv(_, Json mapKey, long divisor) -> mapped(mapKey, "Divisor", divisor, out);
      case IntMapDelete(_, Json mapKey) -> any("MapKey", mapKey, out);
      case MapSet(_, Json mapKey, Json value) -> {
        any("MapKey", mapKey, out);
        any("Value", value, out);
      }
      case MapDelete(_, Json mapKey) -> any("MapKey", mapKey, out);
      case ListAppend(_, Json value) -> any("Value", value, out);
    }
    out.raw("}");
  }

  private static void begin(Operation op, JsonWriter out) {
    out.raw("{\"op\":").string(op.getClass().getSimpleName());
    out.raw(",\"Key\":").string(op.key());
  }

  private static void any(String field, Json value, JsonWriter out) {
    out.raw(",\"").raw(field).raw("\":").value(value);
  }

  private static void whole(String field, long value, JsonWriter out) {
    out.raw(",\"").raw(field).raw("\":").number(value);
  }

  private static void mapped(Json mapKey, String field, long value, JsonWriter out) {
    any("MapKey", mapKey, out);
    whole(field, value, out);
  }

  /** Reads the operation that the reader stands before. */
  static Operation decode(JsonReader in) {
    EnvelopeMembers members = EnvelopeMembers.read(in);
    String key = members.text("Key");
    String kind = members.text("op");
    return switch (kind) {
      case "ScalarSet" -> new ScalarSet(key, members.any("Value"));
      case "ScalarDelete" -> new ScalarDelete(key);
      case "IntSet" -> new IntSet(key, members.whole("Value"));
      case "IntAdd" -> new IntAdd(key, members.whole("Delta"));
      case "IntMul" -> new IntMul(key, members.whole("Factor"));
      case "IntDiv" -> new IntDiv(key, members.whole("Divisor"));
      case "SetAdd" -> new SetAdd(key, members.any("Member"));
      case "SetRemove" -> new SetRemove(key, members.any("Member"));
      case "IntMapSet" -> new IntMapSet(key, members.any("MapKey"), members.whole("Value"));
      case "IntMapAdd" -> new IntMapAdd(key, members.any("MapKey"), members.whole("Delta"));
      case "IntMapMul" -> new IntMapMul(key, members.any("MapKey"), members.whole("Factor"));
      case "IntMapDiv" -> new IntMapDiv(key, members.any("MapKey"), members.whole("Divisor"));
      case "IntMapDelete" -> new IntMapDelete(key, members.any("MapKey"));
      case "MapSet" -> new MapSet(key, members.any("MapKey"), members.any("Value"));
      case "MapDelete" -> new MapDelete(key, members.any("MapKey"));
      case "ListAppend" -> new ListAppend(key, members.any("Value"));
      default -> throw new JsonSyntaxException("unknown op \"" + kind + "\"");
    };
  }
}
