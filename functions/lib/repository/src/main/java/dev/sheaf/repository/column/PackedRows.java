package dev.sheaf.repository.column;

import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Statement;
import java.util.function.Consumer;

/**
 * Many small rows of integers in few wide ones: as JSON a row of the Data API costs some 90 bytes,
 * and a result may have 1 MiB.
 */
public final class PackedRows {
  /** Rows of up to eight numbers stay below the 64 KB a row. */
  private static final int ROWS_A_LINE = 500;

  private PackedRows() {}

  /**
   * A query that yields the rows of another one packed.
   *
   * @param select a query with a column {@code n}, by which the rows are ordered and packed
   * @param columns its other columns, integers that are not null, comma-separated
   */
  public static String pack(String select, String columns) {
    return """
    select string_agg(concat_ws(',', n, %s), ' ' order by n) as packed
    from (%s) rows_to_pack group by n / %d order by n / %d\
    """
        .formatted(columns, select, ROWS_A_LINE, ROWS_A_LINE);
  }

  /**
   * Runs a statement made by {@link #pack}.
   *
   * @param consumer takes {@code n} and the columns of each row
   */
  public static void read(Catalog catalog, Statement statement, Consumer<long[]> consumer) {
    for (var line : catalog.execute(statement)) {
      each(line.text("packed"), consumer);
    }
  }

  /** Takes a line of packed rows apart. */
  public static void each(String packed, Consumer<long[]> consumer) {
    int from = 0;
    while (from < packed.length()) {
      int space = packed.indexOf(' ', from);
      int to = space < 0 ? packed.length() : space;
      consumer.accept(numbers(packed.substring(from, to)));
      from = to + 1;
    }
  }

  private static long[] numbers(String row) {
    String[] texts = row.split(",", -1);
    long[] numbers = new long[texts.length];
    for (int i = 0; i < texts.length; i++) {
      numbers[i] = Long.parseLong(texts[i]);
    }
    return numbers;
  }
}
