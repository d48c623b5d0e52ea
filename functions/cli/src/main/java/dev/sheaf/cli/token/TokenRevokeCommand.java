package dev.sheaf.cli.token;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.cli.process.Environment;
import dev.sheaf.cli.process.Output;
import dev.sheaf.cli.process.Visible;
import dev.sheaf.repository.token.TokenEntry;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sheaf token revoke}. */
@Command(
    name = "revoke",
    description = "Have the site forget a token. Servers that run notice within a minute.",
    mixinStandardHelpOptions = true)
final class TokenRevokeCommand implements Callable<Integer> {
  @Mixin private final SiteTokens tokens;

  @Parameters(paramLabel = "TOKEN", description = "Its name, or its id as 'token ls' shows it.")
  private String which = "";

  @Option(names = "--json", description = "Write JSON.")
  private boolean json;

  private final Environment environment;

  TokenRevokeCommand(Environment environment) {
    this.environment = environment;
    this.tokens = new SiteTokens(environment);
  }

  @Override
  public Integer call() {
    AtomicReference<@Nullable TokenEntry> gone = new AtomicReference<>();
    tokens.change(entries -> {
      TokenEntry found = find(entries, gone.get());
      gone.set(found);
      return entries.stream().filter(entry -> !entry.hash().equals(found.hash())).toList();
    });
    TokenEntry entry = gone.get();
    if (entry != null) {
      report(entry);
    }
    return 0;
  }

  private void report(TokenEntry entry) {
    String id = SiteTokens.id(entry);
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("revoked", id);
    fields.put("name", entry.name());
    environment
        .out()
        .println(json ? Output.json(fields) : Visible.line("revoked " + id + "  " + entry.name()));
  }

  /**
   * The one that is meant.
   *
   * @param before the one that an earlier attempt meant, which may be gone by it
   */
  private TokenEntry find(List<TokenEntry> entries, @Nullable TokenEntry before) {
    List<TokenEntry> found =
        entries.stream()
            .filter(entry -> entry.name().equals(which) || SiteTokens.id(entry).equals(which))
            .toList();
    if (found.size() == 1) {
      return found.getFirst();
    }
    if (before != null) {
      return before;
    }
    throw new SheafException(
        found.isEmpty() ? ErrorKind.NOT_FOUND : ErrorKind.CONFLICT,
        found.isEmpty()
            ? "there is no token '" + which + "'; 'sheaf token ls' shows which there are"
            : "there are several tokens '"
                + which
                + "'; name one by its id: "
                + found.stream().map(SiteTokens::id).collect(Collectors.joining(", ")));
  }
}
