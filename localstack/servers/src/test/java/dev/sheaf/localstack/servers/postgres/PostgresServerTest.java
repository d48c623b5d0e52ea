package dev.sheaf.localstack.servers.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;

class PostgresServerTest {
  @Test
  void aTemporaryServerLeavesNothingBehind() throws Exception {
    ProcessHandle process;
    try (PostgresServer postgres = PostgresServer.temporary()) {
      process = ProcessHandle.of(postgres.pid()).orElseThrow();
      assertThat(postgres.createDatabase("one")).isTrue();
      assertThat(postgres.createDatabase("one")).isFalse();
      assertThat(one(postgres.jdbcUrl("one"), "select 'a' < 'B'"))
          .as("texts sort as people sort them, unless the SQL asks for bytes")
          .isEqualTo("t");
    }
    assertThat(process.isAlive()).isFalse();
  }

  static String one(String url, String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      assertThat(rows.next()).isTrue();
      return rows.getString(1);
    }
  }
}
