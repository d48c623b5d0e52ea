package dev.sheaf.localstack.servers.dataapi;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PGobject;

/** Binds a request's parameters, with the types that Aurora gives them: a text is a varchar. */
final class Parameters {
  private final Map<String, JsonNode> byName = new HashMap<>();

  /**
   * @param list the request's {@code parameters}, or a missing node
   */
  Parameters(JsonNode list) {
    for (JsonNode parameter : list) {
      byName.put(parameter.path("name").asText(), parameter);
    }
  }

  void bind(PreparedStatement statement, List<String> names) throws DataApiException, SQLException {
    for (int i = 0; i < names.size(); i++) {
      JsonNode parameter = byName.get(names.get(i));
      if (parameter == null) {
        throw DataApiException.badRequest("Cannot find parameter: " + names.get(i));
      }
      bind(statement, i + 1, parameter);
    }
  }

  private static void bind(PreparedStatement statement, int place, JsonNode parameter)
      throws DataApiException, SQLException {
    JsonNode value = parameter.path("value");
    if (value.path("isNull").asBoolean(false)) {
      statement.setNull(place, Types.NULL);
    } else if (value.has("stringValue")) {
      bindText(statement, place, value.get("stringValue").asText(), parameter);
    } else if (value.has("longValue")) {
      statement.setLong(place, value.get("longValue").asLong());
    } else if (value.has("booleanValue")) {
      statement.setBoolean(place, value.get("booleanValue").asBoolean());
    } else if (value.has("doubleValue")) {
      statement.setDouble(place, value.get("doubleValue").asDouble());
    } else if (value.has("blobValue")) {
      statement.setBytes(place, blob(value.get("blobValue")));
    } else if (value.has("arrayValue")) {
      throw DataApiException.badRequest("Array parameters are not supported.");
    } else {
      throw DataApiException.badRequest(
          "Parameter " + parameter.path("name").asText() + " has no value");
    }
  }

  private static void bindText(
      PreparedStatement statement, int place, String text, JsonNode parameter)
      throws DataApiException, SQLException {
    String hint = parameter.path("typeHint").asText("");
    String type = hint.isEmpty() ? null : typeOf(hint);
    if (hint.isEmpty()) {
      statement.setString(place, text);
    } else if (type == null) {
      throw DataApiException.badRequest("Unknown type hint: " + hint);
    } else {
      PGobject typed = new PGobject();
      typed.setType(type);
      typed.setValue(text);
      statement.setObject(place, typed);
    }
  }

  private static @Nullable String typeOf(String hint) {
    return switch (hint) {
      case "DATE" -> "date";
      case "DECIMAL" -> "numeric";
      case "JSON" -> "json";
      case "TIME" -> "time";
      case "TIMESTAMP" -> "timestamp";
      case "UUID" -> "uuid";
      default -> null;
    };
  }

  private static byte[] blob(JsonNode base64) throws DataApiException {
    try {
      return base64.binaryValue();
    } catch (IOException e) {
      throw DataApiException.badRequest("A blobValue is not base64");
    }
  }
}
