package dev.sheaf.ops;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sheaf.storage.catalog.Batches;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Ops that are appended by the very statement that makes their change: no request is spent on the
 * log. What {@link Stamp} does in a statement of its own is done by {@link #stamp} in a part of it,
 * so that the order of the log is the same; each op has a suffix, given out here, which with {@link
 * #prefix} makes its ulid.
 *
 * <p>Of one transaction. Where that needs several statements for its ops, {@link #takeTail} comes
 * first, and {@link #stamp} is left out.
 */
public final class InlineOps {
  /** Letters that tell of the time. */
  private static final int PREFIX_LETTERS = 10;

  private static final String STAMP =
      """
      tail as (
        update ops_tail set last_millis = greatest(last_millis + 1, :ops_floor)
        where :ops_host::text is not null and (%%s)
        returning last_millis
      ), stamp as (
        select string_agg(substr('%s', (last_millis >> bit & 31)::integer + 1, 1), ''
          order by bit desc) as prefix
        from tail, generate_series(0, 45, 5) as bit
        group by last_millis
      )\
      """
          .formatted(Ulid.ALPHABET);

  private final @Nullable String host;
  private final Instant now;
  private final RandomGenerator random;
  private @Nullable String taken;
  private int ordinal;

  /**
   * @param host this site's base URL; null for one that nobody follows, which writes no ops
   */
  public InlineOps(@Nullable String host, Instant now, RandomGenerator random) {
    this.host = host;
    this.now = now;
    this.random = random;
  }

  /** Whether ops are written at all. */
  public boolean isOn() {
    return host != null;
  }

  /** Takes the end of the log in a statement of its own. */
  public void takeTail(Catalog transaction) {
    if (isOn()) {
      taken = Stamp.take(transaction, now, random).next().text().substring(0, PREFIX_LETTERS);
    }
  }

  /** Whether {@link #takeTail} was called. */
  public boolean hasTail() {
    return taken != null;
  }

  /**
   * What takes the end of the log, to stand after {@code with}; bound by {@link #bindStamp}.
   *
   * @param condition in SQL, when there is anything to append
   */
  public static String stamp(String condition) {
    return STAMP.formatted(condition);
  }

  /** Binds what {@link #stamp} needs. */
  public Statement bindStamp(Statement statement) {
    return statement.text("ops_host", host).number("ops_floor", now.toEpochMilli());
  }

  /** The beginning of all ulids, in SQL; null where no ops are written. */
  public String prefix() {
    if (!isOn()) {
      return "null::text";
    }
    return hasTail() ? ":ops_prefix::text" : "(select prefix from stamp)";
  }

  /** Binds what {@link #prefix} and {@link #appendOne} need. */
  public Statement bind(Statement statement) {
    statement.text("ops_host", host);
    return hasTail() ? statement.text("ops_prefix", taken) : statement;
  }

  /** The rest of the next op's ulid. */
  public String suffix() {
    return Stamp.rest(ordinal++, random);
  }

  /**
   * Appends an op of one record that the statement makes, to stand after {@code with}.
   *
   * @param suffix the name of a parameter: its {@link #suffix}
   * @param from a row of another part; no op is appended when it yields none
   * @param record the record of that row, in SQL
   */
  public String appendOne(Action action, String table, String suffix, String from, String record) {
    return """
    insert into ops (position, ulid, host, action, "table", data)
    select %1$s || :%2$s, %1$s || :%2$s, :ops_host, '%3$s', '%4$s', jsonb_build_array(%5$s)
    from %6$s where :ops_host::text is not null\
    """
        .formatted(prefix(), suffix, action.text(), table, record, from);
  }

  /** An op whose records are at hand. */
  public record Prepared(String suffix, Action action, String table, List<ObjectNode> records) {}

  /** Makes ops of records: several where one cannot hold them all. */
  public List<Prepared> prepare(Action action, String table, List<ObjectNode> records) {
    List<Prepared> ops = new ArrayList<>();
    if (isOn()) {
      Batches.of(
              records,
              record -> OpJson.text(record).length() + 1L,
              OpLog.MOST_DATA_BYTES,
              Integer.MAX_VALUE)
          .forEach(part -> ops.add(new Prepared(suffix(), action, table, part)));
    }
    return ops;
  }

  /** Appends the ops of the parameter {@code :ops_rows}, see {@link #rows}. */
  public String append() {
    return """
    insert into ops (position, ulid, host, action, "table", data)
    select %1$s || suffix, %1$s || suffix, :ops_host, action, "table", data
    from jsonb_to_recordset(:ops_rows::jsonb)
      as r (suffix text, action text, "table" text, data jsonb)\
    """
        .formatted(prefix());
  }

  /** Ops as a parameter. */
  public static String rows(List<Prepared> ops) {
    ArrayNode rows = OpJson.MAPPER.createArrayNode();
    for (Prepared op : ops) {
      ObjectNode row = rows.addObject();
      row.put("suffix", op.suffix());
      row.put("action", op.action().text());
      row.put("table", op.table());
      ArrayNode data = row.putArray("data");
      op.records().forEach(data::add);
    }
    return OpJson.text(rows);
  }
}
