package dev.sheaf.cli.token;

import dev.sheaf.cli.process.Environment;
import dev.sheaf.cli.process.Output;
import dev.sheaf.cli.process.Visible;
import dev.sheaf.repository.token.RepoGlob;
import dev.sheaf.repository.token.Scope;
import dev.sheaf.repository.token.TokenEntry;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code sheaf token ls}. */
@Command(
    name = "ls",
    description = "List the tokens that a site knows: id, name, scopes, repositories.",
    mixinStandardHelpOptions = true)
final class TokenListCommand implements Callable<Integer> {
  @Mixin private final SiteTokens tokens;

  @Option(names = "--json", description = "Write one JSON object a line.")
  private boolean json;

  private final Environment environment;

  TokenListCommand(Environment environment) {
    this.environment = environment;
    this.tokens = new SiteTokens(environment);
  }

  @Override
  public Integer call() {
    for (TokenEntry entry : tokens.read()) {
      environment.out().println(json ? Output.json(fields(entry)) : Visible.line(line(entry)));
    }
    return 0;
  }

  private static Map<String, Object> fields(TokenEntry entry) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("id", SiteTokens.id(entry));
    fields.putAll(entry.fields());
    return fields;
  }

  private static String line(TokenEntry entry) {
    String scopes =
        new TreeSet<>(entry.scopes()).stream().map(Scope::text).collect(Collectors.joining(","));
    String repos = entry.repos().stream().map(RepoGlob::toString).collect(Collectors.joining(","));
    String host = entry.host() == null ? "" : " of " + entry.host();
    return "%s  %s  %s%s  %s".formatted(SiteTokens.id(entry), entry.name(), scopes, host, repos);
  }
}
