package dev.sheaf.cli;

import dev.sheaf.bundle.RefName;
import dev.sheaf.cli.git.Head;
import dev.sheaf.cli.http.SiteRefs;
import dev.sheaf.cli.process.Environment;
import dev.sheaf.cli.process.Output;
import dev.sheaf.cli.process.Visible;
import java.util.LinkedHashMap;
import java.util.Map;
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
    SiteRefs refs = remote.repository(url).refs();
    if (json) {
      environment.out().println(Output.json(fields(refs)));
      return 0;
    }
    museHeads(refs)
        .forEach((branch, head) -> line(head + " refs/heads/" + branch + mark(refs, branch)));
    refs.refs().forEach((name, id) -> line(id + " " + name + mark(refs, name)));
    if (refs.head() instanceof Head.Detached detached) {
      line(detached.id() + " HEAD (detached)");
    }
    return 0;
  }

  /** A repository of git has them too, for who knows no other refs. */
  private static Map<String, String> museHeads(SiteRefs refs) {
    return "git".equals(refs.kind()) ? Map.of() : refs.branchHeads();
  }

  private void line(String text) {
    environment.out().println(Visible.line(text));
  }

  private static String mark(SiteRefs refs, String branch) {
    return branch.equals(refs.defaultBranch()) ? " (default)" : "";
  }

  private static String mark(SiteRefs refs, RefName name) {
    return refs.head() instanceof Head.Branch branch && branch.name().equals(name)
        ? " (default)"
        : "";
  }

  private static Map<String, @Nullable Object> fields(SiteRefs refs) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("kind", refs.kind());
    fields.put("default_branch", refs.defaultBranch());
    if (refs.refs().isEmpty()) {
      fields.put("branch_heads", refs.branchHeads());
      return fields;
    }
    fields.put(
        "head",
        switch (refs.head()) {
          case null -> null;
          case Head.Branch branch -> branch.name().toString();
          case Head.Detached detached -> detached.id().hex();
        });
    Map<String, String> names = new LinkedHashMap<>();
    refs.refs().forEach((name, id) -> names.put(name.toString(), id.hex()));
    fields.put("refs", names);
    return fields;
  }
}
