package dev.sheaf.localstack.servers.postgres;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/** How fast a database alone gives its rows: a page at a time, without the Data API before it. */
public final class DirectRead {
  private DirectRead() {}

  /**
   * Reads all rows of a query, every column as a text.
   *
   * @param sql with two parameters: behind which value of the first column to begin, and how many
   *     rows to give
   * @param page rows at a time
   * @return how many there were
   */
  public static int all(String jdbcUrl, String sql, int page) {
    try (Connection connection = DriverManager.getConnection(jdbcUrl);
        PreparedStatement statement = connection.prepareStatement(sql)) {
      int read = 0;
      int found;
      String after = "";
      do {
        statement.setString(1, after);
        statement.setInt(2, page);
        found = 0;
        try (ResultSet rows = statement.executeQuery()) {
          int columns = rows.getMetaData().getColumnCount();
          while (rows.next()) {
            after = rows.getString(1);
            for (int column = 2; column <= columns; column++) {
              rows.getString(column);
            }
            found++;
          }
        }
        read += found;
      } while (found == page);
      return read;
    } catch (SQLException e) {
      throw new IllegalStateException("the database could not be read", e);
    }
  }
}
