package dev.sheaf.journal;

import dev.sheaf.journal.json.Json;

/**
 * One change to one structure of a namespace. Sixteen kinds; nothing about them fails when they are
 * applied: a structure of another kind is read as an empty one, and replaced.
 *
 * <p>Integers wrap around at 64 bits, divisions truncate toward zero, and a division by zero
 * changes nothing. Members of sets and keys of maps are told apart by their canonical JSON text:
 * {@code 1} and {@code 1.0} are two.
 *
 * <p>The names of the kinds and of their fields go over the wire as they stand here, capitalised.
 */
public sealed interface Operation {
  /** Name of the structure; any string, also the empty one. */
  String key();

  /** Sets a scalar, in place of whatever the key held. */
  record ScalarSet(String key, Json value) implements Operation {}

  /** Removes the key, of whatever kind it is. */
  record ScalarDelete(String key) implements Operation {}

  /** Sets an integer. */
  record IntSet(String key, long value) implements Operation {}

  /** Adds to an integer; an absent one counts as 0. */
  record IntAdd(String key, long delta) implements Operation {}

  /** Multiplies an integer; an absent one becomes 0. */
  record IntMul(String key, long factor) implements Operation {}

  /** Divides an integer; an absent one becomes 0. */
  record IntDiv(String key, long divisor) implements Operation {}

  /** Adds a member to a set. */
  record SetAdd(String key, Json member) implements Operation {}

  /** Removes a member from a set; an emptied set stays. */
  record SetRemove(String key, Json member) implements Operation {}

  /** Sets an integer in a map of integers. */
  record IntMapSet(String key, Json mapKey, long value) implements Operation {}

  /** Adds to an integer in a map of integers; absent ones count as 0. */
  record IntMapAdd(String key, Json mapKey, long delta) implements Operation {}

  /** Multiplies an integer in a map of integers; an absent one becomes 0. */
  record IntMapMul(String key, Json mapKey, long factor) implements Operation {}

  /** Divides an integer in a map of integers; the map is not created, an absent integer is. */
  record IntMapDiv(String key, Json mapKey, long divisor) implements Operation {}

  /** Removes a key from a map of integers. */
  record IntMapDelete(String key, Json mapKey) implements Operation {}

  /** Sets a value in a map. */
  record MapSet(String key, Json mapKey, Json value) implements Operation {}

  /** Removes a key from a map. */
  record MapDelete(String key, Json mapKey) implements Operation {}

  /** Appends to a list. */
  record ListAppend(String key, Json value) implements Operation {}
}
