package dev.sheaf.infra;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import software.amazon.awscdk.App;
import software.amazon.awscdk.assertions.Template;

/** Stacks over archives that hold nothing, so that no function need be built. */
final class Synthesized {
  static final String CLUSTER = "arn:aws:rds:eu-central-1:000000000000:cluster:catalog";
  static final String SECRET = "arn:aws:secretsmanager:eu-central-1:000000000000:secret:catalog";

  private Synthesized() {}

  /** Of a site that has chosen nothing: made once, for all who only look at it. */
  static Template ofDefaultSite() {
    return DefaultSite.TEMPLATE;
  }

  private static final class DefaultSite {
    static final Template TEMPLATE = template();
  }

  static Template template(String... context) {
    return Template.fromStack(stack(context));
  }

  static SheafStack stack(String... context) {
    return new SheafStack(new App(), site(context), archives());
  }

  /** As the app makes it, with cdk-nag, which takes its time. */
  static SheafStack checked(String... context) {
    return SheafApp.addSite(new App(), site(context), archives());
  }

  private static Site site(String... context) {
    return Site.from(new Context(context(context)));
  }

  static SheafStack onExistingCatalog() {
    return stack("catalogArn", CLUSTER, "catalogMasterSecretArn", SECRET);
  }

  /** A site that follows another one. */
  static SheafStack withPeers() {
    return stack(
        "catalogArn", CLUSTER,
        "catalogMasterSecretArn", SECRET,
        "self", "https://one.example/live",
        "peers", "https://two.example/live,https://three.example",
        "opsRetentionDays", "30");
  }

  /** Pairs of a name without its prefix and a value. */
  static Map<String, String> context(String... pairs) {
    Map<String, String> values = new HashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      values.put(Context.PREFIX + pairs[i], pairs[i + 1]);
    }
    return values;
  }

  static Archives archives() {
    try {
      Path root = Files.createTempDirectory(Files.createDirectories(Path.of("target")), "archives");
      for (String function :
          List.of("bundle-index", "api", "compaction", "catalog-role", "repair", "peer-sync")) {
        Path archive = root.resolve("functions").resolve(function).resolve("target/function.zip");
        Files.createDirectories(archive.getParent());
        Files.writeString(archive, "archive of " + function);
      }
      return Archives.under(root);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
