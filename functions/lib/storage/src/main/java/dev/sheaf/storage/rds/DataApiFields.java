package dev.sheaf.storage.rds;

import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.rdsdata.model.ColumnMetadata;
import software.amazon.awssdk.services.rdsdata.model.ExecuteStatementResponse;
import software.amazon.awssdk.services.rdsdata.model.Field;
import software.amazon.awssdk.services.rdsdata.model.SqlParameter;

/** Values to and from the Data API's fields. */
final class DataApiFields {
  private DataApiFields() {}

  static List<SqlParameter> parameters(Statement statement) {
    List<SqlParameter> parameters = new ArrayList<>();
    statement
        .parameters()
        .forEach((name, value) ->
            parameters.add(SqlParameter.builder().name(name).value(field(value)).build()));
    return parameters;
  }

  private static Field field(@Nullable Object value) {
    return switch (value) {
      case null -> Field.fromIsNull(true);
      case String text -> Field.fromStringValue(text);
      case Long number -> Field.fromLongValue(number);
      case Boolean flag -> Field.fromBooleanValue(flag);
      case Double number -> Field.fromDoubleValue(number);
      case byte[] bytes -> Field.fromBlobValue(SdkBytes.fromByteArrayUnsafe(bytes));
      default -> throw new IllegalArgumentException("cannot bind a " + value.getClass());
    };
  }

  static Rows rows(ExecuteStatementResponse answer) {
    List<String> columns = answer.columnMetadata().stream().map(ColumnMetadata::label).toList();
    List<@Nullable Object[]> rows = new ArrayList<>();
    for (List<Field> fields : answer.records()) {
      @Nullable Object[] row = new @Nullable Object[fields.size()];
      for (int i = 0; i < row.length; i++) {
        row[i] = value(columns.get(i), fields.get(i));
      }
      rows.add(row);
    }
    Long updated = answer.numberOfRecordsUpdated();
    return new Rows(columns, rows, updated == null ? 0 : updated);
  }

  private static @Nullable Object value(String column, Field field) {
    return switch (field.type()) {
      case IS_NULL -> null;
      case STRING_VALUE -> field.stringValue();
      case LONG_VALUE -> field.longValue();
      case BOOLEAN_VALUE -> field.booleanValue();
      case DOUBLE_VALUE -> field.doubleValue();
      case BLOB_VALUE -> field.blobValue().asByteArrayUnsafe();
      case ARRAY_VALUE, UNKNOWN_TO_SDK_VERSION ->
          throw new IllegalArgumentException(
              "column " + column + " has a type that the catalog does not carry; cast it to text");
    };
  }
}
