package dev.sheaf.cli.token;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.cli.process.Environment;
import dev.sheaf.cli.process.Output;
import dev.sheaf.repository.token.TokenEntry;
import dev.sheaf.repository.token.TokenMint;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code sheaf token add}. */
@Command(
    name = "add",
    description = "Make a token that the site knows from now on; it is shown once.",
    mixinStandardHelpOptions = true)
final class TokenAddCommand implements Callable<Integer> {
  @Mixin private final SiteTokens tokens;
  @Mixin private Rights rights = new Rights();

  @Option(names = "--json", description = "Write JSON.")
  private boolean json;

  private final Environment environment;

  TokenAddCommand(Environment environment) {
    this.environment = environment;
    this.tokens = new SiteTokens(environment);
  }

  @Override
  public Integer call() {
    TokenMint.Minted minted = rights.mint(environment.random());
    tokens.change(entries -> with(entries, minted.entry()));
    if (json) {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("token", minted.token());
      fields.put("id", SiteTokens.id(minted.entry()));
      fields.putAll(minted.entry().fields());
      environment.out().println(Output.json(fields));
    } else {
      environment.out().println(minted.token());
    }
    return 0;
  }

  /** A change that was made, but reported as failed, is made once. */
  private static List<TokenEntry> with(List<TokenEntry> entries, TokenEntry entry) {
    if (entries.stream().anyMatch(other -> other.hash().equals(entry.hash()))) {
      return entries;
    }
    if (entries.stream().anyMatch(other -> other.name().equals(entry.name()))) {
      throw new SheafException(
          ErrorKind.CONFLICT,
          "there is a token named '"
              + entry.name()
              + "' already; take another --name, or revoke that one");
    }
    List<TokenEntry> more = new ArrayList<>(entries);
    more.add(entry);
    return more;
  }
}
