package dev.sheaf.localstack.workbench.bench;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/** How fast the database alone gives a log: rows by the page, without the Data API and JSON. */
final class DirectRead {
  private static final int PAGE = 10_000;

  private DirectRead() {}

  /**
   * Reads all ops in their order.
   *
   * @return how many there were
   */
  static int all(String jdbcUrl) {
    try (Connection connection = DriverManager.getConnection(jdbcUrl);
        PreparedStatement page =
            connection.prepareStatement(
                """
                select position, ulid, host, action, "table", data::text from ops
                where position > ? order by position limit ?
                """)) {
      int read = 0;
      int found;
      String after = "";
      do {
        page.setString(1, after);
        page.setInt(2, PAGE);
        found = 0;
        try (ResultSet rows = page.executeQuery()) {
          while (rows.next()) {
            after = rows.getString(1);
            for (int column = 2; column <= 6; column++) {
              rows.getString(column);
            }
            found++;
          }
        }
        read += found;
      } while (found == PAGE);
      return read;
    } catch (SQLException e) {
      throw new IllegalStateException("the database could not be read", e);
    }
  }
}
