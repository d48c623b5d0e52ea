package dev.sheaf.storage.catalog;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One SQL statement with named parameters, {@code :name} in the text.
 *
 * <p>Parameter values: {@link String}, {@link Long}, {@link Boolean}, {@link Double}, {@code
 * byte[]}, or null. Texts are bound as varchar: cast in the SQL for any other type ({@code
 * :at::timestamptz}, {@code :doc::jsonb}), as the Data API demands.
 */
public final class Statement {
  private final String sql;
  private boolean isRepeatable;
  private final Map<String, @Nullable Object> parameters = new LinkedHashMap<>();

  private Statement(String sql) {
    this.sql = sql;
  }

  /** A statement without parameters yet. */
  public static Statement of(String sql) {
    return new Statement(sql);
  }

  /** Binds a text. */
  public Statement text(String name, @Nullable String value) {
    parameters.put(name, value);
    return this;
  }

  /** Binds an integer. */
  public Statement number(String name, @Nullable Long value) {
    parameters.put(name, value);
    return this;
  }

  /** Binds an integer. */
  public Statement number(String name, long value) {
    parameters.put(name, value);
    return this;
  }

  /** Binds a truth value. */
  public Statement flag(String name, boolean value) {
    parameters.put(name, value);
    return this;
  }

  /** Binds bytes, which are not copied. */
  public Statement bytes(String name, byte @Nullable [] value) {
    parameters.put(name, value);
    return this;
  }

  /**
   * Says of a statement that is no {@code select} that running it twice does what running it once
   * does, so that it may be sent again where nobody knows whether it was run.
   */
  public Statement repeatable() {
    isRepeatable = true;
    return this;
  }

  /** Whether it may be run twice. */
  public boolean isRepeatable() {
    return isRepeatable || sql.stripLeading().regionMatches(true, 0, "select", 0, 6);
  }

  /** The SQL text. */
  public String sql() {
    return sql;
  }

  /** The parameters by name, in the order in which they were bound. */
  public Map<String, @Nullable Object> parameters() {
    return parameters;
  }

  @Override
  public String toString() {
    return sql;
  }
}
