package dev.sheaf.repository.column;

import java.util.List;
import java.util.function.Function;

/**
 * A column of byte strings for a bulk write: all of them in one blob, which travels as base64 once,
 * and an array of their lengths.
 */
public final class BlobColumn {
  private final byte[] blob;
  private final String lengths;

  private BlobColumn(byte[] blob, String lengths) {
    this.blob = blob;
    this.lengths = lengths;
  }

  /**
   * The values of a parameter that holds lengths, as rows {@code (ordinal, start, length)},
   * ordinals and starts counting from 1; to stand after {@code from}. The value itself is {@code
   * substr(:blob::bytea, start, length)}.
   */
  public static String rows(String lengths) {
    return """
    (select ordinal, length,
       (sum(length) over (order by ordinal) - length + 1)::integer as start
     from unnest(:%s::integer[]) with ordinality as lengths (length, ordinal)) pieces\
    """
        .formatted(lengths);
  }

  /** The values one after the other. */
  public byte[] blob() {
    return blob;
  }

  /** Literal of an array of integers. */
  public String lengths() {
    return lengths;
  }

  public static <T> BlobColumn of(List<T> rows, Function<? super T, byte[]> value) {
    int size = rows.stream().mapToInt(row -> value.apply(row).length).sum();
    byte[] blob = new byte[size];
    int at = 0;
    for (T row : rows) {
      byte[] bytes = value.apply(row);
      System.arraycopy(bytes, 0, blob, at, bytes.length);
      at += bytes.length;
    }
    return new BlobColumn(blob, PgArray.numbers(rows, row -> value.apply(row).length));
  }
}
