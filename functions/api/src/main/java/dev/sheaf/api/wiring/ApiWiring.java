package dev.sheaf.api.wiring;

import dev.sheaf.api.token.TokenDirectory;
import dev.sheaf.bundle.codec.BundleReader;
import dev.sheaf.ops.OpsOptions;
import dev.sheaf.repair.peer.PeerSites;
import dev.sheaf.repository.CatalogSchema;
import dev.sheaf.repository.Travelling;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.wiring.Machine;
import dev.sheaf.storage.wiring.Site;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Supplier;

/** The api function's ports on their real adapters. */
public final class ApiWiring {
  private ApiWiring() {}

  /**
   * Reads the configuration; makes no client and sends no request.
   *
   * @param environment {@code SHEAF_*} and {@code AWS_*}
   * @throws dev.sheaf.bundle.SheafException of kind {@code INVALID} naming the variable at fault
   */
  public static ApiPorts ports(Map<String, String> environment) {
    Site site = Site.from(environment);
    Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
    return new ApiPorts(
        () -> migrated(site),
        site::objects,
        site::queue,
        site::followQueue,
        () -> BundleReader.spoolingTo(temporary),
        new TokenDirectory(tokens(site), Machine.TICKER),
        site.config().contentCacheMaxBytes(),
        temporary,
        Machine.CLOCK,
        Machine.IDS,
        Machine.TICKER,
        OpsOptions.of(site.config(), environment),
        PeerSites.keeps(site.config()),
        Travelling.TABLES,
        Machine.RANDOM);
  }

  /** A site without tokens has public repositories at most. */
  private static Supplier<String> tokens(Site site) {
    return () -> site.config().tokens().map(site.secrets()::read).orElse("[]");
  }

  private static Catalog migrated(Site site) {
    Catalog catalog = site.catalog();
    CatalogSchema.migrations().apply(catalog);
    return catalog;
  }
}
