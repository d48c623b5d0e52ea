package dev.sheaf.storage.rds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.storage.LogLines;
import dev.sheaf.storage.ScriptedServer;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.rdsdata.RdsDataClient;

/** What the adapter makes of answers that a sound Data API gives only on bad days. */
@Timeout(60)
class DataApiFailuresTest {
  private static final Statement READ = Statement.of("select 1 as n");
  private static final Statement WRITE = Statement.of("update t set n = n + 1");
  private static final String ROW =
      """
      {"columnMetadata":[{"label":"n"}],"records":[[{"longValue":1}]],"numberOfRecordsUpdated":0}\
      """;

  private final List<Duration> slept = new ArrayList<>();
  private ScriptedServer server;
  private RdsDataClient client;
  private Catalog catalog;

  @BeforeEach
  void start() throws IOException {
    server = new ScriptedServer();
    client =
        RdsDataClient.builder()
            .applyMutation(DataApiSettings::apply)
            .endpointOverride(server.url())
            .region(Region.EU_CENTRAL_1)
            .credentialsProvider(
                StaticCredentialsProvider.create(AwsBasicCredentials.create("key", "secret")))
            .httpClient(Apache5HttpClient.create())
            .build();
    catalog =
        new DataApiCatalog(
            client, new DataApiCatalog.Database("arn:cluster", "arn:secret", "db"), slept::add);
  }

  @AfterEach
  void stop() throws IOException {
    client.close();
    server.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "400 | DatabaseErrorException | ERROR: duplicate key; SQLState: 23505 | CONFLICT",
        "400 | BadRequestException | ERROR: deadlock detected; SQLState: 40P01 | CONFLICT",
        "400 | DatabaseErrorException | ERROR: could not serialize; SQLState: 40001 | CONFLICT",
        "400 | DatabaseErrorException | ERROR: syntax error; SQLState: 42601 | SITE",
        "400 | DatabaseErrorException | ERROR: permission denied; SQLState: 42501 | SITE",
        "400 | DatabaseErrorException | ERROR: invalid byte sequence; SQLState: 22021 | INVALID",
        "400 | BadRequestException | FATAL: password authentication failed; SQLState: 28P01 | SITE",
        "400 | DatabaseErrorException | ERROR: in a read-only transaction; SQLState: 25006 | SITE",
        "400 | DatabaseErrorException | ERROR: transaction is aborted; SQLState: 25P02 | UNAVAILABLE",
        "400 | DatabaseErrorException | ERROR: could not open relation; SQLState: XX000 | SITE",
        "400 | BadRequestException | Transaction AbC= is not found | UNAVAILABLE",
        "400 | BadRequestException | something that nobody has seen yet | SITE",
        "400 | DatabaseErrorException | ERROR: too many connections; SQLState: 53300 | UNAVAILABLE",
        "400 | StatementTimeoutException | Request timed out | UNAVAILABLE",
        "400 | BadRequestException | Database returned more than the allowed response size limit | TOO_LARGE",
        "404 | TransactionNotFoundException | Transaction x is not found | UNAVAILABLE",
        "404 | DatabaseNotFoundException | no such database | SITE",
        "403 | ForbiddenException | not allowed | SITE",
        "400 | BadRequestException | Role x is not authorized to perform: secretsmanager:GetSecretValue | SITE",
        "400 | BadRequestException | HttpEndpoint is not enabled for resource x | SITE",
        "504 | DatabaseUnavailableException | no answer | UNAVAILABLE",
        "500 | InternalServerErrorException | oops | UNAVAILABLE",
      })
  void tellsWhatTheCallerMustDo(int status, String type, String message, ErrorKind kind) {
    error(status, type, message);
    assertThatThrownBy(() -> catalog.execute(WRITE))
        .isInstanceOfSatisfying(SheafException.class, e -> assertThat(e.kind()).isEqualTo(kind))
        .hasMessageContainingAll("update t set n = n + 1", message);
    assertThat(server.requests()).hasSize(1);
  }

  @Test
  void waitsForADatabaseThatWakesUp() {
    resuming();
    resuming();
    resuming();
    resuming();
    server.then(200, "", ROW);
    List<String> log = new ArrayList<>();
    try (LogLines _ = LogLines.of(WakeUpWait.class, log)) {
      assertThat(catalog.execute(WRITE).first().map(row -> row.number("n"))).contains(1L);
    }
    assertThat(slept).extracting(Duration::toSeconds).containsExactly(1L, 2L, 4L, 5L);
    assertThat(log)
        .hasSize(4)
        .last()
        .isEqualTo(
            "the catalog's database was paused and is waking up; waited 7 s, trying again in 5 s");
  }

  @Test
  void waitsAtTheBeginningOfATransactionOnly() {
    resuming();
    server.then(200, "", "{\"transactionId\":\"tx\"}");
    resuming();
    server.then(200, "", "{\"transactionStatus\":\"Rollback Complete\"}");
    assertKind(ErrorKind.UNAVAILABLE, () -> catalog.transaction(tx -> tx.execute(WRITE)));
    assertThat(slept).hasSize(1);
    assertThat(paths()).containsExactly("Begin", "Begin", "Execute", "Rollback");
  }

  @Test
  void waitsNoLongerThanAnApiMayAnswer() {
    for (int i = 0; i < 100; i++) {
      resuming();
    }
    assertThatThrownBy(() -> catalog.execute(READ))
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.UNAVAILABLE))
        .hasMessageContaining("still waking up");
    assertThat(slept.stream().reduce(Duration.ZERO, Duration::plus))
        .isLessThan(Duration.ofSeconds(29));
  }

  @Test
  void neverSendsAWriteTwice() {
    server.then(ScriptedServer.HANG_UP);
    assertKind(ErrorKind.UNAVAILABLE, () -> catalog.execute(WRITE));
    server.then(200, "", "{\"transactionId\":\"tx\"}").then(ScriptedServer.HANG_UP);
    server.then(200, "", "{\"transactionStatus\":\"Rollback Complete\"}");
    assertKind(ErrorKind.UNAVAILABLE, () -> catalog.transaction(tx -> tx.execute(READ)));
    assertThat(paths()).containsExactly("Execute", "Begin", "Execute", "Rollback");
  }

  @Test
  void readsOnceMoreWhenTheConnectionBreaks() {
    server.then(ScriptedServer.HANG_UP).then(200, "", ROW);
    Rows rows = catalog.execute(READ);
    assertThat(rows.size()).isEqualTo(1);
    assertThat(paths()).containsExactly("Execute", "Execute");
  }

  @Test
  void sendsAgainWhatWasNotTaken() {
    error(429, "ThrottlingException", "slow down");
    error(503, "ServiceUnavailableError", "not now");
    server.then(200, "", ROW);
    catalog.execute(WRITE);
    assertThat(paths()).containsExactly("Execute", "Execute", "Execute");
  }

  @Test
  void aCommitWhoseOutcomeIsUnknownIsNotRepeated() {
    server.then(200, "", "{\"transactionId\":\"tx\"}").then(200, "", ROW);
    server.then(ScriptedServer.HANG_UP);
    error(404, "TransactionNotFoundException", "Transaction tx is not found");
    assertKind(ErrorKind.UNAVAILABLE, () -> catalog.transaction(tx -> tx.execute(WRITE)));
    assertThat(paths()).containsExactly("Begin", "Execute", "Commit", "Rollback");
  }

  @Test
  void aFailureOfTheWorkOutlivesAFailedRollback() {
    server.then(200, "", "{\"transactionId\":\"tx\"}");
    error(500, "InternalServerErrorException", "oops");
    assertThatThrownBy(() ->
            catalog.transaction(tx -> {
              throw new IllegalStateException("the reason");
            }))
        .hasMessage("the reason")
        .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1));
  }

  @Test
  void refusesTypesThatItCannotCarry() {
    server.then(
        200,
        "",
        """
        {"columnMetadata":[{"label":"n"}],"records":[[{"arrayValue":{"longValues":[1]}}]]}\
        """);
    assertThatThrownBy(() -> catalog.execute(READ))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("cast it to text");
  }

  private void resuming() {
    error(
        400,
        "DatabaseResumingException",
        "The Aurora DB instance db-X is resuming after being auto-paused. Please wait.");
  }

  private void error(int status, String type, String message) {
    server.then(status, "x-amzn-ErrorType: " + type, "{\"message\":\"" + message + "\"}");
  }

  private List<String> paths() {
    return server.requests().stream()
        .map(ScriptedServer.Request::line)
        .map(line -> line.replaceAll("POST /|Statement|Transaction", ""))
        .toList();
  }

  private static void assertKind(ErrorKind kind, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(SheafException.class, e -> assertThat(e.kind()).isEqualTo(kind));
  }
}
