package dev.sheaf.localstack.servers.dataapi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sheaf.localstack.servers.Clients;
import dev.sheaf.localstack.servers.LocalServers;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.rdsdata.RdsDataClient;
import software.amazon.awssdk.services.rdsdata.model.BadRequestException;
import software.amazon.awssdk.services.rdsdata.model.DatabaseErrorException;
import software.amazon.awssdk.services.rdsdata.model.DatabaseNotFoundException;
import software.amazon.awssdk.services.rdsdata.model.DatabaseResumingException;
import software.amazon.awssdk.services.rdsdata.model.ExecuteStatementRequest;
import software.amazon.awssdk.services.rdsdata.model.ExecuteStatementResponse;
import software.amazon.awssdk.services.rdsdata.model.Field;
import software.amazon.awssdk.services.rdsdata.model.RdsDataException;
import software.amazon.awssdk.services.rdsdata.model.SqlParameter;
import software.amazon.awssdk.services.rdsdata.model.TransactionNotFoundException;
import software.amazon.awssdk.services.rdsdata.model.TypeHint;
import software.amazon.awssdk.services.rdsdata.model.UnsupportedResultException;

class DataApiServerTest {
  private static LocalServers servers;
  private static RdsDataClient client;
  private static String database;

  @BeforeAll
  static void start() throws IOException {
    servers = LocalServers.shared();
    client = Clients.dataApi(servers);
    database = servers.newDatabase();
  }

  private static ExecuteStatementRequest statement(
      String database, String sql, SqlParameter... parameters) {
    return statement(servers, database, sql, parameters);
  }

  static ExecuteStatementRequest statement(
      LocalServers servers, String database, String sql, SqlParameter... parameters) {
    return ExecuteStatementRequest.builder()
        .resourceArn(LocalServers.CATALOG_ARN)
        .secretArn(servers.catalogSecretArn())
        .database(database)
        .sql(sql)
        .parameters(parameters)
        .build();
  }

  private static ExecuteStatementResponse run(String sql, SqlParameter... parameters) {
    return client.executeStatement(statement(database, sql, parameters));
  }

  private static ExecuteStatementResponse runIn(
      String transaction, String sql, SqlParameter... parameters) {
    return client.executeStatement(
        statement(database, sql, parameters).toBuilder().transactionId(transaction).build());
  }

  private static Field one(String sql, SqlParameter... parameters) {
    return run(sql, parameters).records().getFirst().getFirst();
  }

  private static SqlParameter text(String name, String value) {
    return SqlParameter.builder().name(name).value(Field.fromStringValue(value)).build();
  }

  private static SqlParameter of(String name, Field value) {
    return SqlParameter.builder().name(name).value(value).build();
  }

  private static String begin() {
    return client
        .beginTransaction(b ->
            b.resourceArn(LocalServers.CATALOG_ARN)
                .secretArn(servers.catalogSecretArn())
                .database(database))
        .transactionId();
  }

  private static String commit(String transaction) {
    return client
        .commitTransaction(c ->
            c.resourceArn(LocalServers.CATALOG_ARN)
                .secretArn(servers.catalogSecretArn())
                .transactionId(transaction))
        .transactionStatus();
  }

  @Test
  void valuesOfEveryKindComeBackAsTheyWent() {
    byte[] bytes = {0, 1, (byte) 0xFF};
    var row =
        run(
                "select :t::text, :l::int8, :b::bool, :d::float8, :x::bytea, :n::text",
                text("t", "grün \u0001 😀"),
                of("l", Field.fromLongValue(Long.MIN_VALUE)),
                of("b", Field.fromBooleanValue(true)),
                of("d", Field.fromDoubleValue(0.1)),
                of("x", Field.fromBlobValue(SdkBytes.fromByteArray(bytes))),
                of("n", Field.fromIsNull(true)))
            .records()
            .getFirst();
    assertThat(row.get(0).stringValue()).isEqualTo("grün \u0001 😀");
    assertThat(row.get(1).longValue()).isEqualTo(Long.MIN_VALUE);
    assertThat(row.get(2).booleanValue()).isTrue();
    assertThat(row.get(3).doubleValue()).isEqualTo(0.1);
    assertThat(row.get(4).blobValue().asByteArray()).isEqualTo(bytes);
    assertThat(row.get(5).isNull()).isTrue();
  }

  @Test
  void answersTypesAsAuroraDoes() {
    assertThat(one("select 7::int2").longValue()).isEqualTo(7);
    assertThat(one("select 1.50::numeric").stringValue()).isEqualTo("1.50");
    assertThat(one("select '{\"a\":1}'::jsonb").stringValue()).isEqualTo("{\"a\": 1}");
    assertThat(one("select '2026-01-02 03:04:05.6+02'::timestamptz").stringValue())
        .isEqualTo("2026-01-02 01:04:05.6");
    assertThat(one("select '2026-01-02 03:04:05'::timestamp").stringValue())
        .isEqualTo("2026-01-02 03:04:05");
    assertThat(one("select array['a',null]::text[]").arrayValue().stringValues())
        .containsExactly("a", null);
    assertThat(one("select array[1,2]").arrayValue().longValues()).containsExactly(1L, 2L);
    assertThat(one("select pg_advisory_lock(1)").stringValue()).isEmpty();
    assertThatThrownBy(() -> run("select point(1,2)"))
        .isInstanceOf(UnsupportedResultException.class);
  }

  @Test
  void textIsVarcharUnlessATypeIsHinted() {
    run("create table typed (id uuid, doc jsonb, at timestamp)");
    String uuid = "00000000-0000-0000-0000-000000000001";
    assertThatThrownBy(() -> run("insert into typed(id) values (:id)", text("id", uuid)))
        .isInstanceOf(DatabaseErrorException.class)
        .hasMessageContaining("SQLState: 42804");
    var hinted = text("id", uuid).toBuilder().typeHint(TypeHint.UUID).build();
    var json = text("doc", "{}").toBuilder().typeHint(TypeHint.JSON).build();
    var time = text("at", "2026-01-02 03:04:05").toBuilder().typeHint(TypeHint.TIMESTAMP).build();
    assertThat(
            run("insert into typed values (:id, :doc, :at)", hinted, json, time)
                .numberOfRecordsUpdated())
        .isEqualTo(1);
  }

  @Test
  void metadataComesWhenAskedFor() {
    String sql = "select 1 as one, 'x'::text as two";
    assertThat(run(sql).columnMetadata()).isEmpty();
    var answer =
        client.executeStatement(
            statement(database, sql).toBuilder().includeResultMetadata(true).build());
    assertThat(answer.columnMetadata()).extracting("label").containsExactly("one", "two");
    assertThat(answer.columnMetadata()).extracting("typeName").containsExactly("int4", "text");
  }

  @Test
  void countsUpdatesAndReturnsWhatIsReturned() {
    run("create table counted (a int primary key)");
    assertThat(run("insert into counted select generate_series(1,5)").numberOfRecordsUpdated())
        .isEqualTo(5);
    assertThat(run("update counted set a = a + 10 where a > 3").numberOfRecordsUpdated())
        .isEqualTo(2);
    var returned = run("delete from counted where a = 1 returning a");
    assertThat(returned.records().getFirst().getFirst().longValue()).isEqualTo(1);
  }

  @Test
  void batchesAreAllOrNothing() {
    run("create table batched (a int8 primary key, b text)");
    Consumer<List<List<SqlParameter>>> insert =
        sets ->
            client.batchExecuteStatement(b ->
                b.resourceArn(LocalServers.CATALOG_ARN)
                    .secretArn(servers.catalogSecretArn())
                    .database(database)
                    .sql("insert into batched values (:a, :b)")
                    .parameterSets(sets));
    List<List<SqlParameter>> sets = new ArrayList<>();
    for (long i = 0; i < 100; i++) {
      sets.add(List.of(of("a", Field.fromLongValue(i)), text("b", "x")));
    }
    insert.accept(sets);
    assertThat(one("select count(*) from batched").longValue()).isEqualTo(100);
    var again =
        List.of(
            List.of(of("a", Field.fromLongValue(1000L)), text("b", "x")),
            List.of(of("a", Field.fromLongValue(5L)), text("b", "x")));
    assertThatThrownBy(() -> insert.accept(again)).hasMessageContaining("SQLState: 23505");
    assertThat(one("select count(*) from batched").longValue()).isEqualTo(100);
  }

  @Test
  void aTransactionIsSeenOnlyOnceCommitted() {
    run("create table seen (a int)");
    String transaction = begin();
    runIn(transaction, "insert into seen values (1)");
    assertThat(one("select count(*) from seen").longValue()).isZero();
    assertThat(commit(transaction)).isEqualTo("Transaction Committed");
    assertThat(one("select count(*) from seen").longValue()).isEqualTo(1);
    assertThatThrownBy(() -> commit(transaction)).isInstanceOf(TransactionNotFoundException.class);
  }

  @Test
  void aFailedStatementSpoilsItsTransaction() {
    run("create table spoilt (a int primary key)");
    String transaction = begin();
    runIn(transaction, "insert into spoilt values (1)");
    assertThatThrownBy(() -> runIn(transaction, "insert into spoilt values (1)"))
        .hasMessageContaining("SQLState: 23505");
    assertThatThrownBy(() -> runIn(transaction, "select 1"))
        .hasMessageContaining("SQLState: 25P02");
    assertThatThrownBy(() -> commit(transaction)).isInstanceOf(RdsDataException.class);
    assertThat(one("select count(*) from spoilt").longValue()).isZero();
  }

  @Test
  void rollsBack() {
    run("create table undone (a int)");
    String transaction = begin();
    runIn(transaction, "insert into undone values (1)");
    client.rollbackTransaction(r ->
        r.resourceArn(LocalServers.CATALOG_ARN)
            .secretArn(servers.catalogSecretArn())
            .transactionId(transaction));
    assertThat(one("select count(*) from undone").longValue()).isZero();
  }

  @Test
  void errorsCarryTheServicesTypes() {
    assertThatThrownBy(() -> run("select :missing"))
        .isInstanceOf(BadRequestException.class)
        .hasMessageContaining("Cannot find parameter: missing");
    assertThatThrownBy(() -> run("select 1; select 2"))
        .isInstanceOf(BadRequestException.class)
        .hasMessageContaining("Multistatements");
    assertThatThrownBy(() -> run("select * from nowhere"))
        .isInstanceOf(DatabaseErrorException.class)
        .hasMessageContaining("SQLState: 42P01");
    assertThatThrownBy(() -> client.executeStatement(statement("no_such_database", "select 1")))
        .isInstanceOf(DatabaseNotFoundException.class);
    assertThatThrownBy(() ->
            client.executeStatement(
                statement(database, "select 1").toBuilder().resourceArn("arn:x").build()))
        .isInstanceOf(BadRequestException.class)
        .hasMessageContaining("HttpEndpoint is not enabled");
    var unknown =
        catchThrowableOfType(
            TransactionNotFoundException.class, () -> runIn("nothing", "select 1"));
    assertThat(unknown.statusCode()).isEqualTo(404);
  }

  @Test
  void refusesARequestAboveFourMebibytes() {
    String big = "x".repeat((4 << 20) - 600);
    assertThat(one("select length(:t)", text("t", big)).longValue()).isEqualTo(big.length());
    String tooBig = "x".repeat(4 << 20);
    var refused =
        catchThrowableOfType(
            RdsDataException.class, () -> run("select length(:t)", text("t", tooBig)));
    assertThat(refused.statusCode()).isEqualTo(413);
  }

  @Test
  void refusesARowAbove64KibibytesAndGivesUpItsTransaction() {
    assertThat(one("select repeat('x', 65000)").stringValue()).hasSize(65_000);
    String transaction = begin();
    assertThatThrownBy(() -> runIn(transaction, "select repeat('x', 66000)"))
        .isInstanceOf(BadRequestException.class)
        .hasMessageContaining("row size limit");
    assertThatThrownBy(() -> runIn(transaction, "select 1"))
        .isInstanceOf(TransactionNotFoundException.class);
  }

  @Test
  void refusesAResultAboveOneMebibyte() {
    String sql = "select repeat('x', 50000) from generate_series(1, ";
    assertThat(run(sql + "20)").records()).hasSize(20);
    assertThatThrownBy(() -> run(sql + "21)"))
        .isInstanceOf(BadRequestException.class)
        .hasMessageContaining("response size limit");
    assertThatThrownBy(() -> run(sql + "2000)"))
        .as("far above: not even buffered")
        .hasMessageContaining("response size limit");
    assertThat(one("select 1").longValue()).as("the connection lives on").isEqualTo(1);
  }

  @Test
  void canPretendToWakeUp() {
    LocalServers.shared().dataApi().pretendResuming(2);
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> run("select 1")).isInstanceOf(DatabaseResumingException.class);
    }
    assertThat(one("select 1").longValue()).isEqualTo(1);
  }
}
