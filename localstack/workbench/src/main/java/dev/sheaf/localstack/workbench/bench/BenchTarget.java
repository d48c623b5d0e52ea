package dev.sheaf.localstack.workbench.bench;

import dev.sheaf.cli.process.Environment;
import java.io.IOException;
import java.net.URI;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say what to measure on. */
final class BenchTarget {
  @Option(
      names = "--s3",
      paramLabel = "URL",
      description = "An S3 endpoint that checks no signatures; by default one in this process.")
  private @Nullable URI s3;

  @Option(
      names = "--postgres",
      paramLabel = "JDBC_URL",
      description =
          "A database, whose schemas sheaf_bench_1, 2, ... are emptied; by default a Postgres of its"
              + " own.")
  private @Nullable String postgres;

  @Option(
      names = "--durable",
      description =
          "Have Postgres of its own keep every commit through a crash, as a site that is kept does.")
  private boolean isDurable;

  @Option(names = "--runs", paramLabel = "N", description = "How often. Default: 3.")
  private int runs = 3;

  int runs() {
    return runs;
  }

  BenchSite start(Environment environment) throws IOException {
    return BenchSite.start(environment, s3, postgres, isDurable);
  }

  /** A site that has a store only. */
  BenchSite startStore(Environment environment) throws IOException {
    return BenchSite.startStore(environment, s3);
  }
}
