package dev.sheaf.cli;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.cli.http.AnswerFields;
import dev.sheaf.cli.http.SiteClient;
import dev.sheaf.cli.process.Environment;
import dev.sheaf.cli.process.Output;
import dev.sheaf.cli.process.Visible;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sheaf ops sweep}. */
@Command(
    name = "sweep",
    description = "Have a site follow its peers now, and not when its schedule does.",
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {"0:nothing that peers have done is unknown there", "1:something is, or may be"})
final class OpsSweepCommand implements Callable<Integer> {
  private static final Duration PAUSE = Duration.ofSeconds(1);

  @Mixin private final RemoteOptions remote;

  @Parameters(
      arity = "0..1",
      paramLabel = "URL",
      description = "The site, or one of its repositories; else SHEAF_URL.")
  private @Nullable String url;

  @Option(names = "--no-wait", description = "Ask for it, and do not wait until it is done.")
  private boolean isNotAwaited;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      defaultValue = "600",
      description = "How long to wait. Default: ${DEFAULT-VALUE}.")
  private long timeout;

  @Option(names = "--json", description = "Write JSON.")
  private boolean json;

  private final Environment environment;

  OpsSweepCommand(Environment environment) {
    this.environment = environment;
    this.remote = new RemoteOptions(environment);
  }

  @Override
  public Integer call() throws InterruptedException {
    SiteClient site = remote.site(url);
    long request = site.follow();
    if (isNotAwaited) {
      String text = json ? Output.json(Map.of("request", request)) : "request " + request;
      environment.out().println(text);
      return 0;
    }
    Map<String, @Nullable Object> done = await(site, request);
    List<Map<String, @Nullable Object>> peers = AnswerFields.maps(done, "peers");
    if (json) {
      environment.out().println(Output.json(done));
    } else {
      peers.forEach(this::say);
    }
    return peers.stream().allMatch(OpsSweepCommand::isCaughtUp) ? 0 : 1;
  }

  /** Where a run had no time for all that a peer has, another one is asked for. */
  private Map<String, @Nullable Object> await(SiteClient site, long first)
      throws InterruptedException {
    long start = environment.nanoTime().getAsLong();
    long request = first;
    while (true) {
      Map<String, @Nullable Object> follow = follow(site.status());
      boolean isLate = environment.nanoTime().getAsLong() - start > timeout * 1_000_000_000L;
      if (AnswerFields.number(follow, "done") >= request) {
        boolean isOver =
            AnswerFields.maps(follow, "peers").stream().allMatch(OpsSweepCommand::isOver);
        if (isOver || isLate) {
          return follow;
        }
        request = site.follow();
      } else if (isLate) {
        throw new SheafException(
            ErrorKind.UNAVAILABLE,
            "%s has not followed its peers within %d s; it goes on, and `sheaf status` says how far"
                    .formatted(site.url(), timeout)
                + " it is");
      }
      environment.sleeper().sleep(PAUSE);
    }
  }

  private static Map<String, @Nullable Object> follow(Map<String, @Nullable Object> status) {
    Map<String, @Nullable Object> follow = new LinkedHashMap<>();
    if (status.get("follow") instanceof Map<?, ?> fields) {
      fields.forEach((name, value) -> follow.put(String.valueOf(name), value));
    }
    return follow;
  }

  private static boolean isOver(Map<String, @Nullable Object> peer) {
    return isCaughtUp(peer) || peer.get("error") != null;
  }

  private static boolean isCaughtUp(Map<String, @Nullable Object> peer) {
    return Boolean.TRUE.equals(peer.get("caught_up"));
  }

  private void say(Map<String, @Nullable Object> peer) {
    String host = AnswerFields.text(peer, "host");
    if (peer.get("error") instanceof String error) {
      line("%s  not followed: %s".formatted(host, error));
      return;
    }
    long failed = AnswerFields.number(peer, "failed");
    line(
        "%s  %s, %s%s"
            .formatted(
                host,
                isCaughtUp(peer) ? "caught up" : "still behind",
                Output.count(AnswerFields.number(peer, "applied"), "new op"),
                failed == 0 ? "" : ", " + Output.count(failed, "op") + " kept to be tried again"));
  }

  private void line(String text) {
    environment.out().println(Visible.line(text));
  }
}
