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
import dev.sheaf.journal.json.JsonArray;
import dev.sheaf.journal.json.JsonObject;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What a namespace holds: names with values, changed by operations.
 *
 * <p>It begins as the state of a rollup, which it shares and never changes. Values are immutable,
 * so an operation that goes into an object a {@code ScalarSet} once set cannot change that segment.
 *
 * <p>Not safe for use by several threads; a replica guards its state with its lock.
 */
final class State {
  private final JsonObject base;
  private final Map<String, @Nullable Slot> changed = new HashMap<>();

  /** A state that begins as this object. */
  State(JsonObject base) {
    this.base = base;
  }

  void apply(List<Operation> ops) {
    for (Operation op : ops) {
      apply(op);
    }
  }

  /** Applies one operation as it was read from a segment. */
  void apply(Operation op) {
    switch (op) {
      case ScalarSet(String key, Json value) -> changed.put(key, new Slot.Plain(value));
      case ScalarDelete(String key) -> delete(key);
      case IntSet(String key, long value) -> changed.put(key, new Slot.Plain(Json.of(value)));
      case IntAdd(String key, long delta) -> integer(key, old -> old + delta);
      case IntMul(String key, long factor) -> integer(key, old -> old * factor);
      case IntDiv(String key, long divisor) -> {
        if (divisor != 0) {
          integer(key, old -> old / divisor);
        }
      }
      case SetAdd(String key, Json member) -> map(key).put(CanonicalKey.ofRead(member), Json.TRUE);
      case SetRemove(String key, Json member) -> remove(key, member);
      case IntMapSet(String key, Json mapKey, long value) ->
          map(key).put(CanonicalKey.ofRead(mapKey), Json.of(value));
      case IntMapAdd(String key, Json mapKey, long delta) ->
          integer(map(key), mapKey, old -> old + delta);
      case IntMapMul(String key, Json mapKey, long factor) ->
          integer(map(key), mapKey, old -> old * factor);
      case IntMapDiv(String key, Json mapKey, long divisor) -> {
        Members members = members(key);
        if (divisor != 0 && members != null) {
          changed.put(key, members);
          integer(members, mapKey, old -> old / divisor);
        }
      }
      case IntMapDelete(String key, Json mapKey) -> remove(key, mapKey);
      case MapSet(String key, Json mapKey, Json value) ->
          map(key).put(CanonicalKey.ofRead(mapKey), value);
      case MapDelete(String key, Json mapKey) -> remove(key, mapKey);
      case ListAppend(String key, Json value) -> list(key).append(value);
    }
  }

  private void delete(String key) {
    if (base.get(key) == null) {
      changed.remove(key);
    } else {
      changed.put(key, null);
    }
  }

  private void integer(String key, LongUnaryOperator change) {
    long old = Integers.of(get(key));
    changed.put(key, new Slot.Plain(Json.of(change.applyAsLong(old))));
  }

  private static void integer(Members members, Json mapKey, LongUnaryOperator change) {
    String name = CanonicalKey.ofRead(mapKey);
    members.put(name, Json.of(change.applyAsLong(Integers.of(members.get(name)))));
  }

  private void remove(String key, Json member) {
    Members members = members(key);
    if (members != null) {
      members.remove(CanonicalKey.ofRead(member));
      changed.put(key, members);
    }
  }

  /** The object under the key, or a new empty one in place of whatever was there. */
  private Members map(String key) {
    Members members = members(key);
    if (members == null) {
      members = new Members(JsonObject.EMPTY);
    }
    changed.put(key, members);
    return members;
  }

  private Elements list(String key) {
    Elements elements =
        switch (slot(key)) {
          case Elements open -> open;
          case Slot.Plain(JsonArray array) -> new Elements(array);
          case null, default -> new Elements(JsonArray.EMPTY);
        };
    changed.put(key, elements);
    return elements;
  }

  /** The object under the key, or null where something else or nothing is. */
  @Nullable Members members(String key) {
    return switch (slot(key)) {
      case Members open -> open;
      case Slot.Plain(JsonObject object) -> new Members(object);
      case null, default -> null;
    };
  }

  private @Nullable Slot slot(String key) {
    Slot slot = changed.get(key);
    if (slot != null || changed.containsKey(key)) {
      return slot;
    }
    Json value = base.get(key);
    return value == null ? null : new Slot.Plain(value);
  }

  /** The value under a key, or null. */
  @Nullable Json get(String key) {
    Slot slot = slot(key);
    return slot == null ? null : slot.toJson();
  }

  /** The whole state as one sorted object. */
  JsonObject toJson() {
    Members merged = new Members(base);
    changed.forEach((key, slot) -> {
      if (slot == null) {
        merged.remove(key);
      } else {
        merged.put(key, slot.toJson());
      }
    });
    return merged.toJson();
  }
}
