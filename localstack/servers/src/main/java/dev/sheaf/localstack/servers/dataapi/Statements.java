package dev.sheaf.localstack.servers.dataapi;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** Runs the SQL of a request on a connection and writes the answer. */
final class Statements {
  private static final int REMEMBERED = 500;
  private static final int LONGEST_REMEMBERED = 20_000;

  private final DataApiLimits limits;
  private final Map<String, NamedSql> parsed =
      Collections.synchronizedMap(
          new LinkedHashMap<>(64, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<String, NamedSql> eldest) {
              return size() > REMEMBERED;
            }
          });

  Statements(DataApiLimits limits) {
    this.limits = limits;
  }

  byte[] execute(Connection connection, JsonNode request)
      throws SQLException, IOException, DataApiException {
    if (request.path("formatRecordsAs").asText("NONE").equals("JSON")) {
      throw DataApiException.badRequest("formatRecordsAs JSON is not offered here");
    }
    NamedSql sql = parse(request.path("sql").asText());
    try (PreparedStatement statement = connection.prepareStatement(sql.jdbc())) {
      new Parameters(request.path("parameters")).bind(statement, sql.names());
      boolean hasRows = statement.execute();
      ResultWriter writer = new ResultWriter(limits);
      if (!hasRows) {
        return writer.updated(Math.max(0, statement.getLargeUpdateCount()));
      }
      try (ResultSet rows = statement.getResultSet()) {
        return writer.rows(rows, request.path("includeResultMetadata").asBoolean(false));
      }
    }
  }

  /** All sets or, when one fails, none: on a connection that does not commit by itself. */
  byte[] executeBatch(Connection connection, JsonNode request)
      throws SQLException, IOException, DataApiException {
    NamedSql sql = parse(request.path("sql").asText());
    JsonNode sets = request.path("parameterSets");
    try (PreparedStatement statement = connection.prepareStatement(sql.jdbc())) {
      for (JsonNode set : sets) {
        new Parameters(set).bind(statement, sql.names());
        statement.addBatch();
      }
      if (sets.isEmpty()) {
        new Parameters(sets).bind(statement, sql.names());
        statement.addBatch();
      }
      statement.executeBatch();
    } catch (java.sql.BatchUpdateException e) {
      throw e.getNextException() == null ? e : e.getNextException();
    }
    StringBuilder answer = new StringBuilder("{\"updateResults\":[");
    for (int i = 0; i < sets.size(); i++) {
      answer.append(i == 0 ? "" : ",").append("{\"generatedFields\":[]}");
    }
    return answer.append("]}").toString().getBytes(java.nio.charset.StandardCharsets.UTF_8);
  }

  private NamedSql parse(String sql) throws DataApiException {
    NamedSql known = parsed.get(sql);
    if (known != null) {
      return known;
    }
    NamedSql fresh = NamedSql.parse(sql);
    if (sql.length() <= LONGEST_REMEMBERED) {
      parsed.put(sql, fresh);
    }
    return fresh;
  }
}
