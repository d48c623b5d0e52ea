package dev.sheaf.storage.catalog;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.StringJoiner;
import java.util.function.LongConsumer;
import java.util.function.UnaryOperator;

/**
 * Writes of one transaction that need not see one another, sent together: in as few statements as
 * the size of a request allows. Postgres runs all parts of a statement on what was there before it,
 * so no two parts may change the same row.
 *
 * <p>Nothing is sent before {@link #flush} unless it no longer fits. Of one thread.
 */
public final class Together {
  private final Catalog transaction;
  private final Map<String, Part> parts = new LinkedHashMap<>();
  private long encodedBytes;

  public Together(Catalog transaction) {
    this.transaction = transaction;
  }

  /**
   * A part of a statement.
   *
   * @param name tells parts apart: of two with one name the second goes into another statement
   * @param ctes what stands after {@code with}: one or more {@code x as (insert ...)}, their names
   *     and parameters taken by no other part, unless a parameter means the same to both
   * @param counted the one of them whose rows are counted, which returns some; empty for none
   * @param encodedBytes what its parameters take in a request, see {@link EncodedSize}
   * @param binder binds its parameters
   * @param count takes the number of rows
   */
  public record Part(
      String name,
      String ctes,
      String counted,
      long encodedBytes,
      UnaryOperator<Statement> binder,
      LongConsumer count) {

    /** A part of which nobody wants to know how many rows it wrote. */
    public static Part of(
        String name, String ctes, long encodedBytes, UnaryOperator<Statement> binder) {
      return new Part(name, ctes, "", encodedBytes, binder, _ -> {});
    }
  }

  /** Adds a part, which must fit into a request by itself. */
  public void add(Part part) {
    boolean fits = encodedBytes + part.encodedBytes() <= EncodedSize.BULK_LIMIT;
    if (!fits || parts.containsKey(part.name())) {
      flush();
    }
    parts.put(part.name(), part);
    encodedBytes += part.encodedBytes();
  }

  /** Sends what is waiting, if parts of so many encoded bytes would not fit beside it. */
  public void makeRoom(long bytes) {
    if (encodedBytes + bytes > EncodedSize.BULK_LIMIT) {
      flush();
    }
  }

  /** Sends what is waiting, if that is more than so many encoded bytes. */
  public void flushAbove(long bytes) {
    if (encodedBytes > bytes) {
      flush();
    }
  }

  /** Sends what is waiting; nothing when nothing is. */
  public void flush() {
    if (parts.isEmpty()) {
      return;
    }
    Map<String, Part> sent = new LinkedHashMap<>(parts);
    parts.clear();
    encodedBytes = 0;
    Rows.Row row = transaction.execute(statement(sent)).first().orElseThrow();
    sent.values().stream()
        .filter(part -> !part.counted().isEmpty())
        .forEach(part -> part.count().accept(row.number(part.name())));
  }

  private static Statement statement(Map<String, Part> parts) {
    StringJoiner ctes = new StringJoiner(", ", "with ", "");
    StringJoiner counts = new StringJoiner(", ", "\nselect ", "");
    counts.add("1 as sent");
    parts
        .values()
        .forEach(part -> {
          ctes.add(part.ctes());
          if (!part.counted().isEmpty()) {
            counts.add("(select count(*) from %s) as %s".formatted(part.counted(), part.name()));
          }
        });
    Statement statement = Statement.of(ctes + counts.toString());
    for (Part part : parts.values()) {
      statement = part.binder().apply(statement);
    }
    return statement;
  }
}
