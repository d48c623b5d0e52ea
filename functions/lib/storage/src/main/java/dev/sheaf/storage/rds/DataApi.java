package dev.sheaf.storage.rds;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.storage.catalog.EncodedSize;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.rdsdata.RdsDataClient;
import software.amazon.awssdk.services.rdsdata.model.ExecuteStatementRequest;
import software.amazon.awssdk.services.rdsdata.model.RecordsFormatType;

/** The four requests of the Data API that the catalog makes, to one database. */
final class DataApi {
  private final RdsDataClient client;
  private final DataApiCatalog.Database database;

  DataApi(RdsDataClient client, DataApiCatalog.Database database) {
    this.client = client;
    this.database = database;
  }

  Rows execute(Statement statement, @Nullable String transactionId) {
    requireFits(statement);
    ExecuteStatementRequest request =
        ExecuteStatementRequest.builder()
            .resourceArn(database.clusterArn())
            .secretArn(database.secretArn())
            .database(database.name())
            .transactionId(transactionId)
            .sql(statement.sql())
            .parameters(DataApiFields.parameters(statement))
            .includeResultMetadata(true)
            .formatRecordsAs(RecordsFormatType.NONE)
            .build();
    return DataApiFields.rows(
        transactionId == null && statement.isRepeatable()
            ? DataApiSettings.repeatable(() -> client.executeStatement(request))
            : client.executeStatement(request));
  }

  /** Opens a transaction. One opened too many by a repetition expires by itself. */
  String begin() {
    return DataApiSettings.repeatable(() ->
            client.beginTransaction(r ->
                r.resourceArn(database.clusterArn())
                    .secretArn(database.secretArn())
                    .database(database.name())))
        .transactionId();
  }

  void commit(String transactionId) {
    client.commitTransaction(r ->
        r.resourceArn(database.clusterArn())
            .secretArn(database.secretArn())
            .transactionId(transactionId));
  }

  void rollback(String transactionId) {
    client.rollbackTransaction(r ->
        r.resourceArn(database.clusterArn())
            .secretArn(database.secretArn())
            .transactionId(transactionId));
  }

  /** The beginning of a statement, for messages. */
  static String brief(Statement statement) {
    String line = statement.sql().strip().replaceAll("\\s+", " ");
    return line.length() > 100 ? line.substring(0, 100) + "..." : line;
  }

  private static void requireFits(Statement statement) {
    long size = EncodedSize.of(statement);
    if (size > EncodedSize.REQUEST_LIMIT) {
      throw new SheafException(
          ErrorKind.TOO_LARGE,
          "a statement takes %d bytes with its parameters, the Data API's limit is 4 MiB (%d); split it: %s"
              .formatted(size, EncodedSize.REQUEST_LIMIT, brief(statement)));
    }
  }
}
