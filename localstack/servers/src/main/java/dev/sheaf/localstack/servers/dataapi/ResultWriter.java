package dev.sheaf.localstack.servers.dataapi;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** Writes an answer of ExecuteStatement, within the limits of rows and results. */
final class ResultWriter {
  private static final JsonFactory JSON = new JsonFactory();

  private final DataApiLimits limits;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
  private final JsonGenerator json;

  ResultWriter(DataApiLimits limits) throws IOException {
    this.limits = limits;
    this.json = JSON.createGenerator(bytes);
  }

  /** The answer of a statement that returned no rows. */
  byte[] updated(long count) throws IOException {
    json.writeStartObject();
    json.writeArrayFieldStart("generatedFields");
    json.writeEndArray();
    json.writeNumberField("numberOfRecordsUpdated", count);
    json.writeEndObject();
    json.close();
    return bytes.toByteArray();
  }

  /** The answer of a statement that returned rows, perhaps none. */
  byte[] rows(ResultSet rows, boolean withMetadata)
      throws IOException, SQLException, DataApiException {
    ResultSetMetaData columns = rows.getMetaData();
    json.writeStartObject();
    if (withMetadata) {
      metadata(columns);
    }
    json.writeNumberField("numberOfRecordsUpdated", 0);
    json.writeArrayFieldStart("records");
    ColumnKind[] kinds = kinds(columns);
    while (rows.next()) {
      row(rows, kinds);
    }
    json.writeEndArray();
    json.writeEndObject();
    json.close();
    requireWithin(bytes.size());
    return bytes.toByteArray();
  }

  private void row(ResultSet rows, ColumnKind[] kinds)
      throws IOException, SQLException, DataApiException {
    json.flush();
    int before = bytes.size();
    json.writeStartArray();
    for (int i = 0; i < kinds.length; i++) {
      field(rows, i + 1, kinds[i]);
    }
    json.writeEndArray();
    json.flush();
    if (bytes.size() - before > limits.rowBytes()) {
      throw DataApiException.rowTooLarge();
    }
    requireWithin(bytes.size());
  }

  private void requireWithin(int size) throws DataApiException {
    if (size > limits.resultBytes()) {
      throw DataApiException.resultTooLarge();
    }
  }

  private void field(ResultSet rows, int place, ColumnKind kind) throws IOException, SQLException {
    json.writeStartObject();
    switch (kind) {
      case LONG -> {
        long value = rows.getLong(place);
        if (!isNull(rows)) {
          json.writeNumberField("longValue", value);
        }
      }
      case DOUBLE -> {
        double value = rows.getDouble(place);
        if (!isNull(rows)) {
          json.writeNumberField("doubleValue", value);
        }
      }
      case BOOLEAN -> {
        boolean value = rows.getBoolean(place);
        if (!isNull(rows)) {
          json.writeBooleanField("booleanValue", value);
        }
      }
      case BLOB -> {
        byte[] value = rows.getBytes(place);
        if (!isNull(rows)) {
          json.writeBinaryField("blobValue", value);
        }
      }
      case TEXT -> {
        String value = rows.getString(place);
        if (!isNull(rows)) {
          json.writeStringField("stringValue", value);
        }
      }
      case ZONED -> {
        String value = rows.getString(place);
        if (!isNull(rows)) {
          // The session's time zone is UTC; the service leaves the offset out.
          json.writeStringField("stringValue", value.replaceFirst("[+]00(:00)?$", ""));
        }
      }
      case ARRAY -> {
        Array value = rows.getArray(place);
        if (!isNull(rows)) {
          json.writeFieldName("arrayValue");
          array((@Nullable Object[]) value.getArray());
        }
      }
    }
    json.writeEndObject();
  }

  private boolean isNull(ResultSet rows) throws SQLException, IOException {
    boolean isNull = rows.wasNull();
    if (isNull) {
      json.writeBooleanField("isNull", true);
    }
    return isNull;
  }

  private void array(@Nullable Object[] elements) throws IOException {
    json.writeStartObject();
    Object first = elements.length == 0 ? null : elements[0];
    String name =
        switch (first) {
          case Object[] _ -> "arrayValues";
          case Long _, Integer _, Short _ -> "longValues";
          case Double _, Float _ -> "doubleValues";
          case Boolean _ -> "booleanValues";
          case null, default -> "stringValues";
        };
    json.writeArrayFieldStart(name);
    for (Object element : elements) {
      switch (element) {
        case null -> json.writeNull();
        case Object[] nested -> array(nested);
        case Long number -> json.writeNumber(number);
        case Integer number -> json.writeNumber(number);
        case Short number -> json.writeNumber(number);
        case Double number -> json.writeNumber(number);
        case Float number -> json.writeNumber(number);
        case Boolean flag -> json.writeBoolean(flag);
        default -> json.writeString(element.toString());
      }
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static ColumnKind[] kinds(ResultSetMetaData columns)
      throws SQLException, DataApiException {
    ColumnKind[] kinds = new ColumnKind[columns.getColumnCount()];
    for (int i = 0; i < kinds.length; i++) {
      kinds[i] = ColumnKind.of(columns.getColumnTypeName(i + 1));
    }
    return kinds;
  }

  /** Leaves out what the driver would have to ask the server for: table, schema, nullability. */
  private void metadata(ResultSetMetaData columns) throws IOException, SQLException {
    json.writeArrayFieldStart("columnMetadata");
    for (int i = 1; i <= columns.getColumnCount(); i++) {
      json.writeStartObject();
      json.writeStringField("name", columns.getColumnLabel(i));
      json.writeStringField("label", columns.getColumnLabel(i));
      json.writeStringField("typeName", columns.getColumnTypeName(i));
      json.writeNumberField("type", columns.getColumnType(i));
      json.writeNumberField("precision", columns.getPrecision(i));
      json.writeNumberField("scale", columns.getScale(i));
      json.writeBooleanField("isSigned", columns.isSigned(i));
      json.writeBooleanField("isCaseSensitive", columns.isCaseSensitive(i));
      json.writeEndObject();
    }
    json.writeEndArray();
  }
}
