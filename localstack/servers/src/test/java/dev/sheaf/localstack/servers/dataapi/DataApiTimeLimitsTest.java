package dev.sheaf.localstack.servers.dataapi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.localstack.servers.Clients;
import dev.sheaf.localstack.servers.LocalServers;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.rdsdata.RdsDataClient;
import software.amazon.awssdk.services.rdsdata.model.StatementTimeoutException;
import software.amazon.awssdk.services.rdsdata.model.TransactionNotFoundException;

class DataApiTimeLimitsTest {
  @Test
  void cutsOffLongStatementsAndIdleTransactions() throws Exception {
    DataApiLimits shorter =
        new DataApiLimits(
            4 << 20, 1 << 20, 64 << 10, Duration.ofMillis(300), Duration.ofMillis(500));
    try (LocalServers servers = LocalServers.builder().catalog().limits(shorter).start();
        RdsDataClient client = Clients.dataApi(servers)) {
      assertThatThrownBy(() -> client.executeStatement(sql(servers, "select pg_sleep(20)")))
          .isInstanceOf(StatementTimeoutException.class);

      client.executeStatement(sql(servers, "create table t (a int)"));
      String transaction =
          client
              .beginTransaction(b ->
                  b.resourceArn(LocalServers.CATALOG_ARN).secretArn(servers.catalogSecretArn()))
              .transactionId();
      var insert =
          sql(servers, "insert into t values (1)").toBuilder().transactionId(transaction).build();
      client.executeStatement(insert);
      awaitRolledBack(servers, client);
      assertThatThrownBy(() -> client.executeStatement(insert))
          .isInstanceOf(TransactionNotFoundException.class);
      assertThat(
              client
                  .executeStatement(sql(servers, "select count(*) from t"))
                  .records()
                  .getFirst()
                  .getFirst()
                  .longValue())
          .isZero();
    }
  }

  /** Until the insert's lock on the table is gone. */
  private static void awaitRolledBack(LocalServers servers, RdsDataClient client)
      throws InterruptedException {
    var locks =
        sql(
            servers,
            "select count(*) from pg_locks"
                + " where relation = 't'::regclass and mode = 'RowExclusiveLock'");
    while (client.executeStatement(locks).records().getFirst().getFirst().longValue() > 0) {
      Thread.sleep(20);
    }
  }

  private static software.amazon.awssdk.services.rdsdata.model.ExecuteStatementRequest sql(
      LocalServers servers, String sql) {
    return DataApiServerTest.statement(servers, LocalServers.DATABASE, sql);
  }
}
