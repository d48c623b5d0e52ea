package dev.sheaf.cli.journal;

import dev.sheaf.cli.process.Environment;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.wiring.Site;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which bucket a command works on; credentials and region come as for every AWS tool. */
final class BucketOptions {
  private static final String DEFAULT_REGION = "us-east-1";

  @Option(names = "--bucket", required = true, description = "The bucket that holds the journals.")
  private String bucket = "";

  @Option(names = "--endpoint", description = "URL of an S3 endpoint that is not AWS's own.")
  private @Nullable String endpoint;

  private final Map<String, String> variables;

  BucketOptions(Environment environment) {
    variables = environment.variables();
  }

  ObjectStore open() {
    Map<String, String> environment = new HashMap<>(variables);
    environment.put("SHEAF_BUCKET", bucket);
    if (!environment.containsKey("AWS_DEFAULT_REGION")) {
      environment.putIfAbsent("AWS_REGION", DEFAULT_REGION);
    }
    if (endpoint != null) {
      environment.put("AWS_ENDPOINT_URL_S3", endpoint);
    }
    return Site.from(environment).objects();
  }
}
