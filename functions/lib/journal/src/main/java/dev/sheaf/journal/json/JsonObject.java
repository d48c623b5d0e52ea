package dev.sheaf.journal.json;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An object: names with values, in the order in which they are written.
 *
 * <p>An object that was read is <em>sorted</em>: names ascend by their UTF-8 bytes, and of repeated
 * names the last counted. One that was built keeps the order in which members were added, as a
 * struct does; it becomes sorted on its way through a journal.
 *
 * <p>Names and values lie in two arrays: a look-up in a sorted object is a binary search, and an
 * object of millions of members costs no more than its strings.
 */
public final class JsonObject implements Json {
  /** <code>{}</code>. */
  public static final JsonObject EMPTY = new JsonObject(new String[0], new Json[0], true);

  private final String[] names;
  private final Json[] values;
  private final boolean sorted;

  private JsonObject(String[] names, Json[] values, boolean sorted) {
    this.names = names;
    this.values = values;
    this.sorted = sorted;
  }

  /** An object of members whose names already ascend strictly by their UTF-8 bytes. */
  public static JsonObject ofSorted(List<String> names, List<? extends Json> values) {
    return names.isEmpty()
        ? EMPTY
        : new JsonObject(names.toArray(String[]::new), values.toArray(Json[]::new), true);
  }

  /** A sorted object of members in any order; the last of several with one name counts. */
  static JsonObject sorting(List<String> names, List<Json> values) {
    Integer[] order = new Integer[names.size()];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, Comparator.comparing(names::get, Utf8Order.INSTANCE)); // stable
    List<String> sortedNames = new ArrayList<>(order.length);
    List<Json> sortedValues = new ArrayList<>(order.length);
    for (Integer i : order) {
      int last = sortedNames.size() - 1;
      if (last >= 0 && sortedNames.get(last).equals(names.get(i))) {
        sortedValues.set(last, values.get(i));
      } else {
        sortedNames.add(names.get(i));
        sortedValues.add(values.get(i));
      }
    }
    return ofSorted(sortedNames, sortedValues);
  }

  /**
   * This sorted object with some members put in, in place of those of the same names. Between them
   * whole stretches are copied, so few changes to a large object cost little more than the copy.
   *
   * @param changes the new members; a name without a value takes its member out
   */
  public JsonObject with(Map<String, @Nullable Json> changes) {
    String[] changed = Utf8Order.sorted(changes.keySet());
    String[] mergedNames = new String[names.length + changed.length];
    Json[] mergedValues = new Json[mergedNames.length];
    int size = 0;
    int next = 0;
    for (String name : changed) {
      int at = place(name, next);
      System.arraycopy(names, next, mergedNames, size, at - next);
      System.arraycopy(values, next, mergedValues, size, at - next);
      size += at - next;
      next = at < names.length && names[at].equals(name) ? at + 1 : at;
      Json value = changes.get(name);
      if (value != null) {
        mergedNames[size] = name;
        mergedValues[size++] = value;
      }
    }
    int rest = names.length - next;
    System.arraycopy(names, next, mergedNames, size, rest);
    System.arraycopy(values, next, mergedValues, size, rest);
    size += rest;
    return new JsonObject(
        Arrays.copyOf(mergedNames, size), Arrays.copyOf(mergedValues, size), true);
  }

  /** Where a name is or would be, from a position on; looks in steps that double. */
  private int place(String name, int from) {
    int step = 1;
    int low = from;
    int high = from;
    while (high < names.length && Utf8Order.INSTANCE.compare(names[high], name) < 0) {
      low = high + 1;
      high = low + step;
      step *= 2;
    }
    int found =
        Arrays.binarySearch(names, low, Math.min(high, names.length), name, Utf8Order.INSTANCE);
    return found < 0 ? -found - 1 : found;
  }

  /** Number of members. */
  public int size() {
    return names.length;
  }

  /** Name of the member at a position. */
  public String name(int index) {
    return names[index];
  }

  /** Value of the member at a position. */
  public Json value(int index) {
    return values[index];
  }

  /** The names in order. */
  public List<String> names() {
    return List.of(names);
  }

  /** The value of a name, or null where the object has no such member. */
  public @Nullable Json get(String name) {
    int index = indexOf(name);
    return index < 0 ? null : values[index];
  }

  private int indexOf(String name) {
    if (sorted) {
      return Arrays.binarySearch(names, name, Utf8Order.INSTANCE);
    }
    for (int i = names.length - 1; i >= 0; i--) {
      if (names[i].equals(name)) {
        return i;
      }
    }
    return -1;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof JsonObject that
        && Arrays.equals(names, that.names)
        && Arrays.equals(values, that.values);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(names) + Arrays.hashCode(values);
  }

  @Override
  public String toString() {
    return JsonWriter.text(this);
  }

  /** Collects members; they are written in the order in which they were added. */
  public static final class Builder {
    private final List<String> names = new ArrayList<>();
    private final List<Json> values = new ArrayList<>();

    Builder() {}

    public Builder put(String name, Json value) {
      names.add(name);
      values.add(value);
      return this;
    }

    public Builder put(String name, String value) {
      return put(name, Json.of(value));
    }

    public Builder put(String name, long value) {
      return put(name, Json.of(value));
    }

    public JsonObject build() {
      return new JsonObject(names.toArray(String[]::new), values.toArray(Json[]::new), false);
    }
  }
}
