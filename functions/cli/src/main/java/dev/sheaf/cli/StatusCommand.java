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
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sheaf status}. */
@Command(
    name = "status",
    description = "Show a site's log, its peers and how far behind they are.",
    mixinStandardHelpOptions = true)
final class StatusCommand implements Callable<Integer> {
  @Mixin private final RemoteOptions remote;

  @Parameters(
      arity = "0..1",
      paramLabel = "URL",
      description = "The site, or one of its repositories; else SHEAF_URL.")
  private @Nullable String url;

  @Option(names = "--json", description = "Write JSON.")
  private boolean json;

  private final Environment environment;

  StatusCommand(Environment environment) {
    this.environment = environment;
    this.remote = new RemoteOptions(environment);
  }

  @Override
  public Integer call() {
    SiteClient site = remote.site(url);
    Map<String, @Nullable Object> status = site.status();
    Map<String, @Nullable Object> plan = site.plan();
    if (json) {
      Map<String, @Nullable Object> both = new LinkedHashMap<>(status);
      both.put("cleanup", plan);
      environment.out().println(Output.json(both));
      return 0;
    }
    log(status);
    AnswerFields.maps(status, "peers").forEach(this::peer);
    awaited(status);
    failed(status);
    PinLine.of(plan).ifPresent(this::line);
    return 0;
  }

  private void line(String text) {
    environment.out().println(Visible.line(text));
  }

  private void log(Map<String, @Nullable Object> status) {
    long rows = 0;
    for (Map<String, @Nullable Object> table : AnswerFields.maps(status, "tables")) {
      rows += AnswerFields.number(table, "rows");
    }
    line(
        "%s: %s, %s"
            .formatted(
                Objects.requireNonNullElse(status.get("self"), "this site"),
                Output.count(rows, "op"),
                Output.bytes(AnswerFields.number(status, "bytes"))));
  }

  private void peer(Map<String, @Nullable Object> peer) {
    line(
        "%s  %s  %s"
            .formatted(
                AnswerFields.text(peer, "host"), AnswerFields.text(peer, "state"), lag(peer)));
    if (peer.get("error") instanceof String error) {
      line("    not followed since %s: %s".formatted(peer.get("failing_since"), error));
    }
  }

  private static String lag(Map<String, @Nullable Object> peer) {
    if (!(peer.get("seen_at") instanceof String seen)) {
      return "never asked";
    }
    return peer.get("behind_ops") instanceof Number ops && ops.longValue() > 0
        ? "%s behind, %s s, last asked %s"
            .formatted(Output.count(ops.longValue(), "op"), peer.get("behind_seconds"), seen)
        : "has read everything, last asked " + seen;
  }

  private void awaited(Map<String, @Nullable Object> status) {
    if (!(status.get("awaited") instanceof Map<?, ?> awaited)) {
      return;
    }
    List<String> kinds = new ArrayList<>();
    for (String kind : List.of("bundle", "pack", "ref")) {
      if (awaited.get(kind + "s") instanceof Number count && count.longValue() > 0) {
        kinds.add(Output.count(count.longValue(), kind));
      }
    }
    if (!kinds.isEmpty()) {
      line(
          "peers told of what is not here yet: %s; for more than an hour: %s"
              .formatted(String.join(", ", kinds), awaited.get("for_an_hour")));
    }
  }

  private void failed(Map<String, @Nullable Object> status) {
    if (!(status.get("failed_ops") instanceof Map<?, ?> failed)
        || !(failed.get("count") instanceof Number count)
        || count.longValue() == 0) {
      return;
    }
    line(Output.count(count.longValue(), "op") + " could not be applied:");
    if (failed.get("oldest") instanceof Iterable<?> oldest) {
      for (Object op : oldest) {
        if (op instanceof Map<?, ?> fields) {
          line(
              "    %s  %s %s of %s: %s"
                  .formatted(
                      fields.get("ulid"),
                      fields.get("action"),
                      fields.get("table"),
                      fields.get("host"),
                      fields.get("error")));
        }
      }
    }
  }
}
