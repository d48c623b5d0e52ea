package dev.sheaf.localstack.workbench.bench;

import dev.sheaf.cli.process.Environment;
import dev.sheaf.cli.process.Folders;
import dev.sheaf.localstack.servers.LocalServers;
import dev.sheaf.localstack.servers.access.Endpoint;
import dev.sheaf.localstack.servers.access.Signatures;
import dev.sheaf.localstack.servers.dataapi.DataApiLimits;
import dev.sheaf.localstack.servers.dataapi.DataApiServer;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.storage.wiring.Site;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The store and the database that a measurement runs on: given ones, or local servers in this
 * process. The Data API in front of the database always is in this process.
 */
final class BenchSite implements AutoCloseable {
  /**
   * What the schemas of a given database are called that hold the tables of one site each, so that
   * nothing else in it is touched.
   */
  private static final String SCHEMA = "sheaf_bench";

  private final LocalServers local;
  private final @Nullable DataApiServer dataApi;
  private final @Nullable String postgres;
  private final @Nullable URI s3;
  private final @Nullable Path folder;
  private final String name;
  private int serial;
  private int schemas;

  private BenchSite(
      LocalServers local,
      @Nullable DataApiServer dataApi,
      @Nullable String postgres,
      @Nullable URI s3,
      @Nullable Path folder,
      String name) {
    this.local = local;
    this.dataApi = dataApi;
    this.postgres = postgres;
    this.s3 = s3;
    this.folder = folder;
    this.name = name;
  }

  /**
   * @param s3 a store that takes requests without checking their signature, or null for a local one
   * @param postgres the JDBC URL of a database, or null for a local one
   * @param isDurable whether a local one keeps what it has acknowledged, through a crash
   */
  static BenchSite start(
      Environment environment, @Nullable URI s3, @Nullable String postgres, boolean isDurable)
      throws IOException {
    LocalServers.Builder servers = LocalServers.builder();
    Path folder = isDurable ? Files.createTempDirectory("sheaf-bench-") : null;
    if (folder != null) {
      servers.folder(folder);
    }
    if (s3 == null) {
      servers.s3();
    }
    if (postgres == null) {
      servers.catalog();
    }
    LocalServers local = servers.start();
    DataApiServer dataApi = postgres == null ? null : dataApi(environment, local, postgres);
    return new BenchSite(local, dataApi, postgres, s3, folder, name(environment));
  }

  private static DataApiServer dataApi(Environment environment, LocalServers local, String postgres)
      throws IOException {
    return DataApiServer.start(
        Endpoint.Listen.loopback(0),
        new DataApiServer.Cluster(
            LocalServers.CATALOG_ARN,
            local.catalogSecretArn(),
            LocalServers.DATABASE,
            site -> inSchema(postgres, site)),
        new Signatures(local.credentials(), environment.clock()),
        DataApiLimits.AWS,
        environment.random());
  }

  /**
   * A site without a database.
   *
   * @param s3 as above
   */
  static BenchSite startStore(Environment environment, @Nullable URI s3) throws IOException {
    LocalServers.Builder servers = LocalServers.builder();
    if (s3 == null) {
      servers.s3();
    }
    return new BenchSite(servers.start(), null, null, s3, null, name(environment));
  }

  private static String name(Environment environment) {
    return "bench-" + Long.toHexString(environment.random().nextLong());
  }

  /** The configuration of a site with an empty bucket and an empty database. */
  Map<String, String> freshSite() throws IOException {
    Map<String, String> site = freshBucket();
    site.put("SHEAF_CATALOG_ARN", LocalServers.CATALOG_ARN);
    site.put("SHEAF_CATALOG_SECRET_ARN", local.catalogSecretArn());
    DataApiServer given = dataApi;
    if (given == null) {
      site.put("SHEAF_CATALOG_DATABASE", local.newDatabase());
      return site;
    }
    String schema = SCHEMA + "_" + ++schemas;
    site.put("AWS_ENDPOINT_URL_RDS_DATA", given.endpoint().toString());
    site.put("SHEAF_CATALOG_DATABASE", schema);
    Catalog catalog = Site.from(site).catalog();
    catalog.execute(Statement.of("drop schema if exists " + schema + " cascade"));
    catalog.execute(Statement.of("create schema " + schema));
    return site;
  }

  private static String inSchema(String postgres, String schema) {
    return postgres + (postgres.contains("?") ? "&" : "?") + "currentSchema=" + schema;
  }

  /** How many requests the Data API in front of the database has had. */
  long catalogRequests() {
    return (dataApi == null ? local.dataApi() : dataApi).requests();
  }

  /** The JDBC URL of a site's database: past the Data API. */
  String jdbcUrl(Map<String, String> site) {
    String given = postgres;
    String database = Objects.requireNonNull(site.get("SHEAF_CATALOG_DATABASE"));
    return given == null ? local.postgres().superuserUrl(database) : inSchema(given, database);
  }

  /** The configuration of a site with an empty bucket and no database. */
  Map<String, String> freshBucket() throws IOException {
    Map<String, String> site = new TreeMap<>(local.environment());
    URI given = s3;
    if (given == null) {
      site.put("SHEAF_BUCKET", local.newBucket());
      return site;
    }
    String bucket = name + "-" + serial++;
    site.put("SHEAF_BUCKET", bucket);
    site.put("AWS_ENDPOINT_URL_S3", given.toString());
    createBucket(given.resolve("/" + bucket));
    return site;
  }

  private static void createBucket(URI bucket) throws IOException {
    HttpURLConnection put = (HttpURLConnection) bucket.toURL().openConnection();
    put.setRequestMethod("PUT");
    put.getResponseCode();
    put.disconnect();
  }

  @Override
  public void close() throws IOException {
    try (local) {
      if (dataApi != null) {
        dataApi.close();
      }
    }
    if (folder != null) {
      Folders.delete(folder);
    }
  }
}
