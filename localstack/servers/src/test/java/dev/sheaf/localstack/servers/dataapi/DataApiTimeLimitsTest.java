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
        RdsDataClient client = Clients.dataApi(servers.dataApi().endpoint())) {
      assertThatThrownBy(() -> client.executeStatement(sql("select pg_sleep(20)")))
          .isInstanceOf(StatementTimeoutException.class);

      client.executeStatement(sql("create table t (a int)"));
      String transaction =
          client
              .beginTransaction(b ->
                  b.resourceArn(LocalServers.CATALOG_ARN)
                      .secretArn(LocalServers.CATALOG_SECRET_ARN))
              .transactionId();
      var insert = sql("insert into t values (1)").toBuilder().transactionId(transaction).build();
      client.executeStatement(insert);
      awaitRolledBack(client);
      assertThatThrownBy(() -> client.executeStatement(insert))
          .isInstanceOf(TransactionNotFoundException.class);
      assertThat(
              client
                  .executeStatement(sql("select count(*) from t"))
                  .records()
                  .getFirst()
                  .getFirst()
                  .longValue())
          .isZero();
    }
  }

  /** Until the insert's lock on the table is gone. */
  private static void awaitRolledBack(RdsDataClient client) throws InterruptedException {
    var locks =
        sql(
            "select count(*) from pg_locks"
                + " where relation = 't'::regclass and mode = 'RowExclusiveLock'");
    while (client.executeStatement(locks).records().getFirst().getFirst().longValue() > 0) {
      Thread.sleep(20);
    }
  }

  private static software.amazon.awssdk.services.rdsdata.model.ExecuteStatementRequest sql(
      String sql) {
    return DataApiServerTest.statement(LocalServers.DATABASE, sql);
  }
}
