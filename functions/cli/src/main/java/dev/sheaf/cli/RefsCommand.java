package dev.sheaf.cli;

import dev.sheaf.bundle.history.GitRefs;
import dev.sheaf.cli.http.RemoteRefs;
import dev.sheaf.cli.process.Environment;
import dev.sheaf.cli.process.Output;
import dev.sheaf.cli.process.Visible;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sheaf refs}. */
@Command(name = "refs", description = "Show branches and tags.", mixinStandardHelpOptions = true)
final class RefsCommand implements Callable<Integer> {
  @Mixin private final RemoteOptions remote;

  @Parameters(arity = "0..1", paramLabel = "URL", description = "The repository; else SHEAF_URL.")
  private @Nullable String url;

  @Option(names = "--json", description = "Write JSON.")
  private boolean json;

  private final Environment environment;

  RefsCommand(Environment environment) {
    this.environment = environment;
    this.remote = new RemoteOptions(environment);
  }

  @Override
  public Integer call() {
    RemoteRefs refs = remote.repository(url).refs();
    if (json) {
      environment.out().println(Output.json(fields(refs)));
      return 0;
    }
    refs.branchHeads()
        .forEach((branch, head) -> line(head + " refs/heads/" + branch + mark(refs, branch)));
    tags(refs).forEach((name, commit) -> line(commit + " " + name));
    return 0;
  }

  private void line(String text) {
    environment.out().println(Visible.line(text));
  }

  private static String mark(RemoteRefs refs, String branch) {
    return branch.equals(refs.defaultBranch()) ? " (default)" : "";
  }

  private static Map<String, String> tags(RemoteRefs refs) {
    Map<String, String> tags = new TreeMap<>();
    GitRefs git = refs.git();
    if (git != null) {
      git.refs()
          .forEach((name, ref) -> {
            if (name.startsWith("refs/tags/")) {
              tags.put(name, ref.commit());
            }
          });
    }
    return tags;
  }

  private static Map<String, @Nullable Object> fields(RemoteRefs refs) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("default_branch", refs.defaultBranch());
    fields.put("branch_heads", refs.branchHeads());
    fields.put("tags", tags(refs));
    return fields;
  }
}
