package dev.sheaf.bundle.history;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * An unmodifiable map from path to something in two sorted arrays: 8 bytes an entry besides what
 * they point to, where a {@link java.util.HashMap} takes 40 and more. A bundle may hold hundreds of
 * thousands of entries. Iterates in the order of {@link String#compareTo}.
 */
public final class PathMap<V> extends AbstractMap<String, V> {
  private final String[] paths;
  private final Object[] values;

  private PathMap(String[] paths, Object[] values) {
    this.paths = paths;
    this.values = values;
  }

  /** Collects entries in any order. */
  public static final class Builder<V> {
    private String[] paths;
    private Object[] values;
    private int size;

    /**
     * @param expected how many entries to make room for
     */
    public Builder(int expected) {
      paths = new String[expected];
      values = new Object[expected];
    }

    /** Adds an entry. */
    public void put(String path, V value) {
      if (size == paths.length) {
        paths = Arrays.copyOf(paths, size + (size >> 1) + 8);
        values = Arrays.copyOf(values, paths.length);
      }
      paths[size] = path;
      values[size++] = value;
    }

    /**
     * The map of all entries.
     *
     * @throws SheafException of kind INVALID when a path was put twice
     */
    public Map<String, V> build() {
      if (size == 0) {
        return Map.of();
      }
      String[] sortedPaths = Arrays.copyOf(paths, size);
      Object[] sortedValues = Arrays.copyOf(values, size);
      if (!isSorted()) {
        sort(sortedPaths, sortedValues);
      }
      refuseRepetition(sortedPaths);
      return new PathMap<>(sortedPaths, sortedValues);
    }

    private boolean isSorted() {
      for (int i = 1; i < size; i++) {
        if (paths[i - 1].compareTo(paths[i]) > 0) {
          return false;
        }
      }
      return true;
    }

    private void sort(String[] sortedPaths, Object[] sortedValues) {
      int[] order =
          IntStream.range(0, size)
              .boxed()
              .sorted(Comparator.comparing(i -> paths[i]))
              .mapToInt(Integer::intValue)
              .toArray();
      for (int i = 0; i < size; i++) {
        sortedPaths[i] = paths[order[i]];
        sortedValues[i] = values[order[i]];
      }
    }

    private static void refuseRepetition(String[] sortedPaths) {
      for (int i = 1; i < sortedPaths.length; i++) {
        if (sortedPaths[i - 1].equals(sortedPaths[i])) {
          throw new SheafException(
              ErrorKind.INVALID, "the key '" + sortedPaths[i] + "' comes twice in one map");
        }
      }
    }
  }

  @Override
  public int size() {
    return paths.length;
  }

  @Override
  public boolean containsKey(@Nullable Object path) {
    return position(path) >= 0;
  }

  @Override
  public @Nullable V get(@Nullable Object path) {
    int position = position(path);
    return position < 0 ? null : value(position);
  }

  @Override
  public void forEach(BiConsumer<? super String, ? super V> action) {
    for (int i = 0; i < paths.length; i++) {
      action.accept(paths[i], value(i));
    }
  }

  @Override
  public Set<Entry<String, V>> entrySet() {
    return new AbstractSet<>() {
      @Override
      public int size() {
        return paths.length;
      }

      @Override
      public Iterator<Entry<String, V>> iterator() {
        return IntStream.range(0, paths.length)
            .mapToObj(i -> Map.entry(paths[i], value(i)))
            .iterator();
      }
    };
  }

  private int position(@Nullable Object path) {
    return path instanceof String text ? Arrays.binarySearch(paths, text) : -1;
  }

  @SuppressWarnings("unchecked")
  private V value(int position) {
    return (V) values[position];
  }
}
