package dev.sheaf.testing;

import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Has Postgres say how it carries out each statement, before it does. */
public final class ExplainingCatalog implements Catalog {
  private final Catalog catalog;
  private final List<String> plans = new ArrayList<>();

  public ExplainingCatalog(Catalog catalog) {
    this.catalog = catalog;
  }

  /** Each statement so far with its plan. */
  public List<String> plans() {
    return List.copyOf(plans);
  }

  @Override
  public Rows execute(Statement statement) {
    return explained(catalog, statement);
  }

  private Rows explained(Catalog inner, Statement statement) {
    Statement explain = Statement.of("explain " + statement.sql());
    statement.parameters().forEach((name, value) -> bind(explain, name, value));
    StringBuilder plan = new StringBuilder(statement.sql()).append("\n=>\n");
    inner.execute(explain).forEach(row -> plan.append(row.text("QUERY PLAN")).append('\n'));
    plans.add(plan.toString());
    return inner.execute(statement);
  }

  private static void bind(Statement statement, String name, @Nullable Object value) {
    switch (value) {
      case Long number -> statement.number(name, number);
      case Boolean flag -> statement.flag(name, flag);
      case byte[] bytes -> statement.bytes(name, bytes);
      case null -> statement.text(name, null);
      default -> statement.text(name, value.toString());
    }
  }

  @Override
  public <T extends @Nullable Object> T transaction(Function<Catalog, T> work) {
    return catalog.transaction(inner ->
        work.apply(
            new Catalog() {
              @Override
              public Rows execute(Statement statement) {
                return explained(inner, statement);
              }

              @Override
              public <R extends @Nullable Object> R transaction(Function<Catalog, R> nested) {
                throw new IllegalStateException("transactions do not nest");
              }
            }));
  }
}
