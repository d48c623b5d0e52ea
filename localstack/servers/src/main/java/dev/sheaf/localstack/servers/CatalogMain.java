package dev.sheaf.localstack.servers;

import dev.sheaf.localstack.servers.access.Credentials;
import dev.sheaf.localstack.servers.access.Endpoint;
import dev.sheaf.localstack.servers.access.Signatures;
import dev.sheaf.localstack.servers.dataapi.DataApiLimits;
import dev.sheaf.localstack.servers.dataapi.DataApiServer;
import dev.sheaf.localstack.servers.postgres.PostgresServer;
import dev.sheaf.localstack.servers.postgres.PostgresServer.SiteDatabase;
import java.io.IOException;
import java.net.URI;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The catalog alone, for a stack whose other parts run in LocalStack, which has none. Runs until it
 * is stopped; a line {@code endpoint URL} on standard output for each site says that it is ready.
 *
 * <p>Configured by environment variables: {@code AWS_ACCESS_KEY_ID} and {@code
 * AWS_SECRET_ACCESS_KEY}, with which its clients sign (without, nobody checks); {@code
 * SHEAF_CATALOG_SECRET_ARN}, which they name; {@code SHEAF_CATALOG_SITES}, further sites as {@code
 * NAME=SECRET_ARN,...}, each with a role and a database of its own; {@code SHEAF_CATALOG_JDBC_URL},
 * a Postgres that exists (by default one of our own, gone at the end); {@code
 * SHEAF_CATALOG_LISTEN}, an address and port (by default loopback and any free port; any others go
 * to further sites); {@code SHEAF_CATALOG_NAME}, the host name that clients have for that address.
 */
public final class CatalogMain {
  private final Map<String, String> environment;

  private CatalogMain(Map<String, String> environment) {
    this.environment = environment;
  }

  public static void main(String[] args) throws InterruptedException {
    try {
      new CatalogMain(System.getenv()).start();
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.exit(2);
    } catch (IOException e) {
      System.err.println("The catalog does not start: " + e.getMessage());
      System.exit(1);
    }
    Thread.currentThread().join();
  }

  private void start() throws IOException {
    Endpoint.Listen listen = listen();
    String secretArn = required("SHEAF_CATALOG_SECRET_ARN");
    Map<String, String> others = others();
    String given = environment.get("SHEAF_CATALOG_JDBC_URL");
    if (given != null) {
      if (!others.isEmpty()) {
        throw new IllegalArgumentException(
            "SHEAF_CATALOG_SITES is set, and SHEAF_CATALOG_JDBC_URL is: roles and databases are"
                + " made in a Postgres of our own alone");
      }
      serve(listen, secretArn, new SiteDatabase(LocalServers.DATABASE, name -> given));
      return;
    }
    PostgresServer postgres = ownPostgres();
    serve(listen, secretArn, new SiteDatabase(LocalServers.DATABASE, postgres::jdbcUrl));
    for (Map.Entry<String, String> site : others.entrySet()) {
      serve(
          new Endpoint.Listen(listen.host(), 0, listen.name()),
          site.getValue(),
          postgres.createSite(site.getKey()));
    }
  }

  private void serve(Endpoint.Listen listen, String secretArn, SiteDatabase database)
      throws IOException {
    DataApiServer server =
        DataApiServer.start(
            listen,
            // One database, whatever its name: the site's own is the only one asked for.
            new DataApiServer.Cluster(
                LocalServers.CATALOG_ARN, secretArn, database.name(), name -> database.jdbcUrl()),
            signatures(),
            DataApiLimits.AWS,
            new SecureRandom());
    System.out.println("endpoint " + server.endpoint());
  }

  /** Secrets of further sites by the names of these, in their order. */
  private Map<String, String> others() {
    Map<String, String> others = new LinkedHashMap<>();
    for (String site : environment.getOrDefault("SHEAF_CATALOG_SITES", "").split(",", -1)) {
      int end = site.indexOf('=');
      if (end > 0) {
        others.put(site.substring(0, end), site.substring(end + 1));
      } else if (!site.isEmpty()) {
        throw new IllegalArgumentException(
            "SHEAF_CATALOG_SITES has '" + site + "'; expected NAME=SECRET_ARN,...");
      }
    }
    return others;
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

  private static PostgresServer ownPostgres() throws IOException {
    PostgresServer postgres = PostgresServer.temporary();
    Runtime.getRuntime().addShutdownHook(new Thread(postgres::close, "stop postgres"));
    postgres.createDatabase(LocalServers.DATABASE);
    return postgres;
  }
}
