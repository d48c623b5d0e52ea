package dev.sheaf.repair.presence;

import dev.sheaf.bundle.ContentId;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;

/**
 * Entries of an index in the order of their ids, in primitive arrays that grow as they fill: 48
 * bytes an entry (32 of id, 8 of size, 4 each of ETag hash and time).
 */
final class Entries {
  private static final int WORDS = ContentId.LENGTH / Long.BYTES;
  private static final int FIRST_CAPACITY = 64;

  private long[] ids = new long[WORDS * FIRST_CAPACITY];
  private long[] sizes = new long[FIRST_CAPACITY];
  private int[] etags = new int[FIRST_CAPACITY];
  private int[] seconds = new int[FIRST_CAPACITY];
  private int count;

  int count() {
    return count;
  }

  /** Adds an entry; its id need not be the greatest if {@link #sorted} is called in the end. */
  void add(ContentId id, Standing.Present facts) {
    if (count == sizes.length) {
      // A quarter more: what is unused at the end is given back by trim.
      resize(Math.addExact(count, Math.max(FIRST_CAPACITY, count / 4)));
    }
    ByteBuffer.wrap(id.toBytes()).asLongBuffer().get(ids, WORDS * count, WORDS);
    sizes[count] = facts.size();
    etags[count] = facts.etagHash();
    seconds[count] = (int) facts.lastModified().getEpochSecond(); // unsigned: until 2106
    count++;
  }

  private void resize(int capacity) {
    ids = Arrays.copyOf(ids, Math.multiplyExact(WORDS, capacity));
    sizes = Arrays.copyOf(sizes, capacity);
    etags = Arrays.copyOf(etags, capacity);
    seconds = Arrays.copyOf(seconds, capacity);
  }

  /** Gives back what is not used. */
  void trim() {
    if (count < sizes.length) {
      resize(count);
    }
  }

  /** Whether an id comes after all that are here. */
  boolean isBehind(ContentId id) {
    return count == 0 || id(count - 1).compareTo(id) < 0;
  }

  /** These entries in order, each once. */
  Entries sorted() {
    Integer[] order = new Integer[count];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, (a, b) -> id(a).compareTo(id(b)));
    Entries sorted = new Entries();
    for (int at : order) {
      ContentId id = id(at);
      if (sorted.isBehind(id)) {
        sorted.add(id, facts(at));
      }
    }
    sorted.trim();
    return sorted;
  }

  ContentId id(int at) {
    ByteBuffer bytes = ByteBuffer.allocate(ContentId.LENGTH);
    bytes.asLongBuffer().put(ids, WORDS * at, WORDS);
    return ContentId.ofBytes(bytes.array());
  }

  Standing.Present facts(int at) {
    return new Standing.Present(
        sizes[at], etags[at], Instant.ofEpochSecond(Integer.toUnsignedLong(seconds[at])));
  }

  /** The place of an id; where it would be, as {@code -(place + 1)}, when it is not here. */
  int find(ContentId id) {
    long[] wanted = new long[WORDS];
    ByteBuffer.wrap(id.toBytes()).asLongBuffer().get(wanted);
    int low = 0;
    int high = count - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      int order = compare(WORDS * middle, wanted);
      if (order == 0) {
        return middle;
      }
      if (order < 0) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return -(low + 1);
  }

  private int compare(int from, long[] wanted) {
    for (int i = 0; i < WORDS; i++) {
      int order = Long.compareUnsigned(ids[from + i], wanted[i]);
      if (order != 0) {
        return order;
      }
    }
    return 0;
  }

  /** Bytes that the arrays take. */
  long bytes() {
    return 8L * ids.length + 8L * sizes.length + 4L * etags.length + 4L * seconds.length;
  }
}
