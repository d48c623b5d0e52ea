package dev.sheaf.cli.git;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** Keeps what was used last, up to a total weight. Not thread-safe. */
public final class LruCache<K, V> {
  private final long capacity;
  private final ToLongFunction<V> weigher;
  private final LinkedHashMap<K, V> entries = new LinkedHashMap<>(256, 0.75f, true);
  private long weight;

  /**
   * @param capacity largest sum of weights; the newest entry stays even when it alone is heavier
   * @param weigher weight of a value, in the unit of the capacity; must not change over time
   */
  public LruCache(long capacity, ToLongFunction<V> weigher) {
    this.capacity = capacity;
    this.weigher = weigher;
  }

  /** The value, which counts as used now; null when it is not kept. */
  public @Nullable V get(K key) {
    return entries.get(key);
  }

  /** Keeps a value, and drops the ones used longest ago while there is too much. */
  public void put(K key, V value) {
    V previous = entries.put(key, value);
    weight += weigher.applyAsLong(value) - (previous == null ? 0 : weigher.applyAsLong(previous));
    Iterator<Map.Entry<K, V>> eldest = entries.entrySet().iterator();
    while (weight > capacity && entries.size() > 1) {
      weight -= weigher.applyAsLong(eldest.next().getValue());
      eldest.remove();
    }
  }
}
