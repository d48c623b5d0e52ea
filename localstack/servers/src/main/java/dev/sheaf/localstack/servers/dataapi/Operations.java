package dev.sheaf.localstack.servers.dataapi;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.random.RandomGenerator;

/** The five operations of the Data API, from a request's JSON to an answer's. */
final class Operations implements AutoCloseable {
  private final DataApiServer.Cluster cluster;
  private final Pools pools;
  private final Statements statements;
  private final Transactions transactions;

  Operations(DataApiServer.Cluster cluster, DataApiLimits limits, RandomGenerator random) {
    this.cluster = cluster;
    this.pools = new Pools(cluster.jdbcUrls(), limits.statement());
    this.statements = new Statements(limits);
    this.transactions = new Transactions(limits.idleTransaction(), random);
  }

  /**
   * Runs one request.
   *
   * @param operation the path without its slash, such as {@code Execute}
   */
  byte[] run(String operation, JsonNode request) throws Exception {
    authorize(request);
    return switch (operation) {
      case "Execute" -> inTransactionOrNot(request, statements::execute, false);
      case "BatchExecute" -> inTransactionOrNot(request, statements::executeBatch, true);
      case "BeginTransaction" -> begin(request);
      case "CommitTransaction" -> {
        transactions.commit(transactionId(request));
        yield status("Transaction Committed");
      }
      case "RollbackTransaction" -> {
        transactions.rollback(transactionId(request));
        yield status("Rollback Complete");
      }
      default -> throw new DataApiException(404, "UnknownOperationException", operation);
    };
  }

  private void authorize(JsonNode request) throws DataApiException {
    String resource = request.path("resourceArn").asText();
    if (!resource.equals(cluster.arn())) {
      throw DataApiException.badRequest("HttpEndpoint is not enabled for resource " + resource);
    }
    String secret = request.path("secretArn").asText();
    if (!secret.equals(cluster.secretArn())) {
      throw new DataApiException(400, "SecretsErrorException", "cannot find the secret " + secret);
    }
  }

  private byte[] inTransactionOrNot(JsonNode request, Statement statement, boolean asOne)
      throws Exception {
    String id = request.path("transactionId").asText("");
    if (!id.isEmpty()) {
      return inTransaction(id, request, statement);
    }
    try (Connection connection = pools.connect(database(request))) {
      if (!asOne) {
        return statement.run(connection, request);
      }
      connection.setAutoCommit(false);
      try {
        byte[] answer = statement.run(connection, request);
        connection.commit();
        return answer;
      } catch (Exception e) {
        connection.rollback();
        throw e;
      }
    }
  }

  private byte[] inTransaction(String id, JsonNode request, Statement statement) throws Exception {
    try {
      return transactions.use(id, connection -> statement.run(connection, request));
    } catch (DataApiException e) {
      // The service gives up the transaction when a result is too large.
      if (e.getMessage() != null && e.getMessage().startsWith("Database returned")) {
        transactions.rollback(id);
      }
      throw e;
    }
  }

  private byte[] begin(JsonNode request) throws SQLException {
    Connection connection = pools.connect(database(request));
    try {
      return ("{\"transactionId\":\"" + transactions.begin(connection) + "\"}").getBytes(UTF_8);
    } catch (SQLException | RuntimeException e) {
      connection.close();
      throw e;
    }
  }

  private String database(JsonNode request) {
    String database = request.path("database").asText("");
    return database.isEmpty() ? cluster.database() : database;
  }

  private static String transactionId(JsonNode request) {
    return request.path("transactionId").asText("");
  }

  private static byte[] status(String text) {
    return ("{\"transactionStatus\":\"" + text + "\"}").getBytes(UTF_8);
  }

  @Override
  public void close() {
    transactions.close();
    pools.close();
  }

  private interface Statement {
    byte[] run(Connection connection, JsonNode request) throws Exception;
  }
}
