package dev.sheaf.journal;

import dev.sheaf.journal.json.Json;
import dev.sheaf.journal.json.JsonArray;
import dev.sheaf.journal.json.JsonObject;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The typed reads of a journal, over whatever holds its state. */
abstract class StateReads implements Journal {
  /** Reads the served state; the result must not hold on to it. */
  abstract <T> T read(Function<State, T> query);

  @Override
  public Optional<Json> scalar(String key) {
    return read(state -> Optional.ofNullable(state.get(key)));
  }

  @Override
  public long integer(String key) {
    return read(state -> Integers.of(state.get(key)));
  }

  @Override
  public boolean contains(String key, Json member) {
    return mapValue(key, member).isPresent();
  }

  @Override
  public Optional<List<Json>> members(String key) {
    return entries(key)
        .map(all ->
            all.names().stream().flatMap(name -> CanonicalKey.value(name).stream()).toList());
  }

  @Override
  public Optional<Json> mapValue(String key, Json mapKey) {
    String name = CanonicalKey.of(mapKey);
    return read(state -> {
      Members members = state.members(key);
      return members == null ? Optional.<Json>empty() : Optional.ofNullable(members.get(name));
    });
  }

  @Override
  public long mapInteger(String key, Json mapKey) {
    return Integers.of(mapValue(key, mapKey).orElse(Json.NULL));
  }

  @Override
  public Optional<JsonObject> entries(String key) {
    return read(state -> Optional.ofNullable(state.members(key)).map(Members::toJson));
  }

  @Override
  public Optional<List<Json>> list(String key) {
    return scalar(key).map(StateReads::elements);
  }

  @Override
  public int listLength(String key) {
    return list(key).map(List::size).orElse(0);
  }

  @Override
  public JsonObject state() {
    return read(State::toJson);
  }

  private static @Nullable List<Json> elements(Json value) {
    return value instanceof JsonArray array ? array.elements() : null;
  }
}
