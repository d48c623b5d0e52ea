package dev.sheaf.localstack.servers.dataapi;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Connections to Postgres, a pool for each database that is asked for. */
final class Pools implements AutoCloseable {
  private static final int MAX_CONNECTIONS = 50;

  /** For a server that is being started again; a client of ours waits for less than 30 s. */
  private static final Duration CONNECTION_PATIENCE = Duration.ofSeconds(10);

  private static final Duration UNUSED_CONNECTION = Duration.ofSeconds(20);

  private final UnaryOperator<String> jdbcUrls;
  private final Duration statementLimit;
  private final Map<String, HikariDataSource> pools = new HashMap<>();

  /**
   * @param jdbcUrls makes a URL of a database's name
   */
  Pools(UnaryOperator<String> jdbcUrls, Duration statementLimit) {
    this.jdbcUrls = jdbcUrls;
    this.statementLimit = statementLimit;
  }

  Connection connect(String database) throws SQLException {
    return pool(database).getConnection();
  }

  private synchronized HikariDataSource pool(String database) throws SQLException {
    HikariDataSource pool = pools.get(database);
    if (pool == null) {
      try {
        pool = new HikariDataSource(configuration(database));
      } catch (HikariPool.PoolInitializationException e) {
        throw e.getCause() instanceof SQLException cause ? cause : new SQLException(e);
      }
      pools.put(database, pool);
    }
    return pool;
  }

  private HikariConfig configuration(String database) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(jdbcUrls.apply(database));
    config.setPoolName("data-api-" + database);
    config.setMaximumPoolSize(MAX_CONNECTIONS);
    config.setMinimumIdle(1);
    config.setConnectionTimeout(CONNECTION_PATIENCE.toMillis());
    config.setIdleTimeout(UNUSED_CONNECTION.toMillis());
    config.addDataSourceProperty("ApplicationName", "data-api");
    config.addDataSourceProperty(
        "options", "-c statement_timeout=" + statementLimit.toMillis() + " -c TimeZone=UTC");
    // A result that the service would refuse shall not fill the heap first.
    config.addDataSourceProperty("maxResultBuffer", "16M");
    // Their text form is the one that does not depend on this JVM's time zone.
    config.addDataSourceProperty("binaryTransferDisable", "TIMESTAMPTZ,TIMETZ,TIMESTAMP,DATE,TIME");
    return config;
  }

  @Override
  public synchronized void close() {
    pools.values().forEach(HikariDataSource::close);
    pools.clear();
  }
}
