package dev.sheaf.cli;

import dev.sheaf.cli.http.AnswerFields;
import dev.sheaf.cli.http.SiteClient;
import dev.sheaf.cli.process.Environment;
import dev.sheaf.cli.process.Output;
import dev.sheaf.cli.process.Visible;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sheaf ops failed}. */
@Command(
    name = "failed",
    description =
        "Show what peers did and a site cannot apply: it tries again every minute. Or give it up.",
    mixinStandardHelpOptions = true)
final class OpsFailedCommand implements Callable<Integer> {
  @Mixin private final RemoteOptions remote;

  @Parameters(
      arity = "0..1",
      paramLabel = "URL",
      description = "The site, or one of its repositories; else SHEAF_URL.")
  private @Nullable String url;

  @Option(
      names = "--drop",
      paramLabel = "ULID",
      description = "Give this op up: it is not tried again. May come several times.")
  private List<String> dropped = new ArrayList<>();

  @Option(names = "--drop-all", description = "Give all of them up.")
  private boolean dropsAll;

  @Option(names = "--json", description = "Write JSON.")
  private boolean json;

  private final Environment environment;

  OpsFailedCommand(Environment environment) {
    this.environment = environment;
    this.remote = new RemoteOptions(environment);
  }

  @Override
  public Integer call() {
    SiteClient site = remote.site(url);
    if (dropsAll || !dropped.isEmpty()) {
      long gone = dropsAll ? site.dropAllFailed() : 0;
      for (String ulid : dropsAll ? List.<String>of() : dropped) {
        gone += site.dropFailed(ulid);
      }
      environment
          .out()
          .println(
              json ? Output.json(Map.of("dropped", gone)) : Output.count(gone, "op") + " given up");
      return 0;
    }
    Map<String, @Nullable Object> failed = new LinkedHashMap<>();
    if (site.status().get("failed_ops") instanceof Map<?, ?> fields) {
      fields.forEach((name, value) -> failed.put(String.valueOf(name), value));
    }
    if (json) {
      environment.out().println(Output.json(failed));
      return 0;
    }
    environment
        .out()
        .println(Output.count(AnswerFields.number(failed, "count"), "op") + " not applied");
    AnswerFields.maps(failed, "oldest").forEach(this::say);
    return 0;
  }

  private void say(Map<String, @Nullable Object> op) {
    environment
        .out()
        .println(
            Visible.line(
                "%s  %s %s of %s, tried %s times since %s: %s"
                    .formatted(
                        op.get("ulid"),
                        op.get("action"),
                        op.get("table"),
                        op.get("host"),
                        op.get("attempts"),
                        op.get("failed_at"),
                        op.get("error"))));
  }
}
