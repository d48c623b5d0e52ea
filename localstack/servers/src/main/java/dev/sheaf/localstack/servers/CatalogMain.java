package dev.sheaf.localstack.servers;

import dev.sheaf.localstack.servers.dataapi.DataApiLimits;
import dev.sheaf.localstack.servers.dataapi.DataApiServer;
import dev.sheaf.localstack.servers.postgres.PostgresServer;
import java.io.IOException;
import java.net.URI;
import java.security.SecureRandom;
import java.util.Map;

/**
 * The catalog alone, for a stack whose other parts run in LocalStack, which has none. Runs until it
 * is stopped; {@code endpoint URL} on standard output says that it is ready.
 *
 * <p>Configured by environment variables: {@code SHEAF_CATALOG_JDBC_URL}, a Postgres that exists
 * (by default one of our own, gone at the end); {@code SHEAF_CATALOG_LISTEN}, an address and port
 * (by default loopback and any free port).
 */
public final class CatalogMain {
  private CatalogMain() {}

  public static void main(String[] args) throws IOException, InterruptedException {
    Map<String, String> environment = System.getenv();
    String listen = environment.getOrDefault("SHEAF_CATALOG_LISTEN", "127.0.0.1:0");
    URI address = URI.create("tcp://" + listen);
    if (address.getHost() == null || address.getPort() < 0) {
      System.err.println("SHEAF_CATALOG_LISTEN is '" + listen + "'; expected address:port");
      System.exit(2);
    }
    String jdbcUrl = environment.get("SHEAF_CATALOG_JDBC_URL");
    DataApiServer server = start(address, jdbcUrl == null ? ownPostgres() : jdbcUrl);
    System.out.println("endpoint " + server.endpoint());
    Thread.currentThread().join();
  }

  private static String ownPostgres() throws IOException {
    PostgresServer postgres = PostgresServer.temporary();
    Runtime.getRuntime().addShutdownHook(new Thread(postgres::close, "stop postgres"));
    postgres.createDatabase(LocalServers.DATABASE);
    return postgres.jdbcUrl(LocalServers.DATABASE);
  }

  private static DataApiServer start(URI address, String jdbcUrl) throws IOException {
    DataApiServer.Cluster cluster =
        new DataApiServer.Cluster(
            LocalServers.CATALOG_ARN,
            LocalServers.CATALOG_SECRET_ARN,
            LocalServers.DATABASE,
            // One database, whatever its name: the stack's own is the only one asked for.
            name -> jdbcUrl);
    return DataApiServer.start(
        address.getHost(), address.getPort(), cluster, DataApiLimits.AWS, new SecureRandom());
  }
}
