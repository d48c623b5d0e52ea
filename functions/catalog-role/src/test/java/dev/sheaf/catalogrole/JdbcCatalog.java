package dev.sheaf.catalogrole;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A database as any of its users sees it, over a connection of the superuser that has taken the
 * user's place: what may be done is decided as for the user.
 */
final class JdbcCatalog implements Catalog {
  private static final Pattern PARAMETER = Pattern.compile("(?<!:):([a-z]+)");

  private final Connection connection;

  JdbcCatalog(Connection connection, String user) {
    this.connection = connection;
    execute(Statement.of("set session authorization " + user));
  }

  @Override
  public Rows execute(Statement statement) {
    List<@Nullable Object> values = new ArrayList<>();
    try (PreparedStatement prepared = connection.prepareStatement(positional(statement, values))) {
      for (int i = 0; i < values.size(); i++) {
        prepared.setObject(i + 1, values.get(i));
      }
      return prepared.execute() ? rows(prepared.getResultSet()) : none(prepared.getUpdateCount());
    } catch (SQLException e) {
      throw new SheafException(ErrorKind.SITE, String.valueOf(e.getMessage()), e);
    }
  }

  @Override
  public <T extends @Nullable Object> T transaction(Function<Catalog, T> work) {
    try {
      connection.setAutoCommit(false);
      try {
        T result = work.apply(this);
        connection.commit();
        return result;
      } catch (RuntimeException e) {
        connection.rollback();
        throw e;
      } finally {
        connection.setAutoCommit(true);
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String positional(Statement statement, List<@Nullable Object> values) {
    Map<String, @Nullable Object> given = statement.parameters();
    if (given.isEmpty()) {
      return statement.sql();
    }
    Matcher matcher = PARAMETER.matcher(statement.sql());
    return matcher.replaceAll(found -> {
      values.add(given.get(found.group(1)));
      return "?";
    });
  }

  private static Rows rows(ResultSet result) throws SQLException {
    int width = result.getMetaData().getColumnCount();
    List<String> columns = new ArrayList<>();
    for (int i = 1; i <= width; i++) {
      columns.add(result.getMetaData().getColumnLabel(i));
    }
    List<@Nullable Object[]> rows = new ArrayList<>();
    while (result.next()) {
      @Nullable Object[] cells = new Object[width];
      for (int i = 0; i < width; i++) {
        cells[i] = result.getObject(i + 1);
      }
      rows.add(cells);
    }
    return new Rows(columns, rows, 0);
  }

  private static Rows none(int updated) {
    return new Rows(List.of(), List.of(), Math.max(updated, 0));
  }
}
