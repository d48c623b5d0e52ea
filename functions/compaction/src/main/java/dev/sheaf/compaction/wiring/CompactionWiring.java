package dev.sheaf.compaction.wiring;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.git.GitStorage;
import dev.sheaf.git.PackLimits;
import dev.sheaf.git.fold.FoldLimits;
import dev.sheaf.ops.OpsOptions;
import dev.sheaf.ops.RetentionOptions;
import dev.sheaf.repository.CatalogSchema;
import dev.sheaf.repository.SiteLog;
import dev.sheaf.repository.git.GitPorts;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.Once;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.wiring.Machine;
import dev.sheaf.storage.wiring.Site;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The compaction function's ports on their real adapters.
 *
 * @param catalog opened when a repository has something to fold, and at no other time
 * @param git what folding stands on; the same
 * @param temp where files lie meanwhile
 * @param ops what is known of peers and of the log; empty for a function without a catalog
 * @param jobsKept {@code SHEAF_JOBS_KEPT}: how long after its end a job is kept, 30 days by
 *     default; never less than 15, for an upload's event may be 14 days old
 * @param log tells other sites of what is changed that is not each site's own
 * @param version of the code, as it is deployed
 */
public record CompactionWiring(
    ObjectStore bucket,
    Supplier<Catalog> catalog,
    Supplier<GitPorts> git,
    FoldLimits limits,
    Path temp,
    Optional<OpsOptions> ops,
    Duration jobsKept,
    SiteLog log,
    String version) {
  /** Lambda's own variable. */
  private static final String VERSION = "AWS_LAMBDA_FUNCTION_VERSION";

  /** Reads the configuration; sends no request. */
  public static CompactionWiring of(Map<String, String> environment) {
    Site site = Site.from(environment);
    Path temp = Path.of(System.getProperty("java.io.tmpdir"));
    long heap = Runtime.getRuntime().maxMemory();
    long space = space(temp);
    Supplier<Catalog> catalog = new Once<>(() -> migrated(site));
    Supplier<GitPorts> git =
        new Once<>(() ->
            new GitPorts(
                catalog.get(),
                site.objects(),
                new GitStorage(site.objects()),
                temp,
                PackLimits.of(heap, space),
                Machine.CLOCK,
                // Folds are each site's own.
                SiteLog.OFF));
    Optional<OpsOptions> ops =
        site.config().catalogArn().map(_ -> OpsOptions.of(site.config(), environment));
    return new CompactionWiring(
        site.objects(),
        catalog,
        git,
        FoldLimits.of(heap, space),
        temp,
        ops,
        RetentionOptions.duration(
            environment, "SHEAF_JOBS_KEPT", Duration.ofDays(30), Duration.ofDays(15)),
        ops.map(options -> SiteLog.of(options, new Once<>(SecureRandom::new))).orElse(SiteLog.OFF),
        environment.getOrDefault(VERSION, ""));
  }

  private static long space(Path temp) {
    try {
      return Files.getFileStore(temp).getUsableSpace();
    } catch (IOException e) {
      throw new SheafException(ErrorKind.SITE, "temp space " + temp + " cannot be used", e);
    }
  }

  private static Catalog migrated(Site site) {
    Catalog catalog = site.catalog();
    CatalogSchema.migrations().apply(catalog);
    return catalog;
  }
}
