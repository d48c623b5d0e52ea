package dev.sheaf.cli;

import dev.sheaf.cli.http.AnswerFields;
import dev.sheaf.cli.process.Environment;
import dev.sheaf.cli.process.Output;
import dev.sheaf.cli.process.Visible;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sheaf ops plan}. */
@Command(
    name = "plan",
    description = "Show what cleanup of the log would delete, and delete nothing.",
    mixinStandardHelpOptions = true)
final class OpsPlanCommand implements Callable<Integer> {
  @Mixin private final RemoteOptions remote;

  @Parameters(
      arity = "0..1",
      paramLabel = "URL",
      description = "The site, or one of its repositories; else SHEAF_URL.")
  private @Nullable String url;

  @Option(names = "--json", description = "Write JSON.")
  private boolean json;

  private final Environment environment;

  OpsPlanCommand(Environment environment) {
    this.environment = environment;
    this.remote = new RemoteOptions(environment);
  }

  @Override
  public Integer call() {
    Map<String, @Nullable Object> plan = remote.site(url).plan();
    if (json) {
      environment.out().println(Output.json(plan));
      return 0;
    }
    if (plan.get("retention_skip_reason") instanceof String reason) {
      line("retention: deletes nothing, " + reason);
    } else {
      line("retention: " + amount(plan, "retention_rows", "retention_bytes"));
    }
    PinLine.of(plan).ifPresent(this::line);
    if (plan.get("dormant_tables") instanceof Map<?, ?> tables && !tables.isEmpty()) {
      tables.forEach((table, rows) -> line("dormant table %s: %s ops".formatted(table, rows)));
    } else {
      line("no table is dormant");
    }
    AnswerFields.maps(plan, "peers")
        .forEach(peer -> line("%s  %s".formatted(peer.get("host"), peer.get("state"))));
    return 0;
  }

  private void line(String text) {
    environment.out().println(Visible.line(text));
  }

  private static String amount(Map<String, @Nullable Object> plan, String rows, String bytes) {
    return "%s, %s"
        .formatted(
            Output.count(AnswerFields.number(plan, rows), "op"),
            Output.bytes(AnswerFields.number(plan, bytes)));
  }
}
