package dev.sheaf.localstack.servers;

import dev.sheaf.localstack.servers.access.Credentials;
import dev.sheaf.localstack.servers.access.Endpoint;
import dev.sheaf.localstack.servers.access.Signatures;
import dev.sheaf.localstack.servers.dataapi.DataApiLimits;
import dev.sheaf.localstack.servers.dataapi.DataApiServer;
import dev.sheaf.localstack.servers.postgres.PostgresServer;
import java.io.IOException;
import java.net.URI;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Map;

/**
 * The catalog alone, for a stack whose other parts run in LocalStack, which has none. Runs until it
 * is stopped; {@code endpoint URL} on standard output says that it is ready.
 *
 * <p>Configured by environment variables: {@code AWS_ACCESS_KEY_ID} and {@code
 * AWS_SECRET_ACCESS_KEY}, with which its clients sign (without, nobody checks); {@code
 * SHEAF_CATALOG_SECRET_ARN}, which they name; {@code SHEAF_CATALOG_JDBC_URL}, a Postgres that
 * exists (by default one of our own, gone at the end); {@code SHEAF_CATALOG_LISTEN}, an address and
 * port (by default loopback and any free port); {@code SHEAF_CATALOG_NAME}, the host name that
 * clients have for that address.
 */
public final class CatalogMain {
  private final Map<String, String> environment;

  private CatalogMain(Map<String, String> environment) {
    this.environment = environment;
  }

  public static void main(String[] args) throws InterruptedException {
    try {
      DataApiServer server = new CatalogMain(System.getenv()).start();
      System.out.println("endpoint " + server.endpoint());
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.exit(2);
    } catch (IOException e) {
      System.err.println("The catalog does not start: " + e.getMessage());
      System.exit(1);
    }
    Thread.currentThread().join();
  }

  private DataApiServer start() throws IOException {
    Endpoint.Listen listen = listen();
    String secretArn = required("SHEAF_CATALOG_SECRET_ARN");
    String given = environment.get("SHEAF_CATALOG_JDBC_URL");
    String jdbcUrl = given == null ? ownPostgres() : given;
    return DataApiServer.start(
        listen,
        // One database, whatever its name: the stack's own is the only one asked for.
        new DataApiServer.Cluster(
            LocalServers.CATALOG_ARN, secretArn, LocalServers.DATABASE, name -> jdbcUrl),
        signatures(),
        DataApiLimits.AWS,
        new SecureRandom());
  }

  private Endpoint.Listen listen() {
    String listen = environment.getOrDefault("SHEAF_CATALOG_LISTEN", "127.0.0.1:0");
    URI address = URI.create("tcp://" + listen);
    if (address.getHost() == null || address.getPort() < 0) {
      throw new IllegalArgumentException(
          "SHEAF_CATALOG_LISTEN is '" + listen + "'; expected address:port");
    }
    String name = environment.getOrDefault("SHEAF_CATALOG_NAME", "127.0.0.1");
    return new Endpoint.Listen(address.getHost(), address.getPort(), name);
  }

  private Signatures signatures() {
    return environment.containsKey("AWS_ACCESS_KEY_ID")
        ? new Signatures(
            new Credentials(required("AWS_ACCESS_KEY_ID"), required("AWS_SECRET_ACCESS_KEY")),
            InstantSource.system())
        : Signatures.unchecked();
  }

  private String required(String name) {
    String value = environment.get(name);
    if (value == null || value.isEmpty()) {
      throw new IllegalArgumentException(name + " is not set, and the catalog needs it");
    }
    return value;
  }

  private static String ownPostgres() throws IOException {
    PostgresServer postgres = PostgresServer.temporary();
    Runtime.getRuntime().addShutdownHook(new Thread(postgres::close, "stop postgres"));
    postgres.createDatabase(LocalServers.DATABASE);
    return postgres.jdbcUrl(LocalServers.DATABASE);
  }
}
