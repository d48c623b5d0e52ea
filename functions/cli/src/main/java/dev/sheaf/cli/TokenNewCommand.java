package dev.sheaf.cli;

import dev.sheaf.cli.process.Environment;
import dev.sheaf.cli.process.Output;
import dev.sheaf.repository.token.RepoGlob;
import dev.sheaf.repository.token.Scope;
import dev.sheaf.repository.token.TokenMint;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code sheaf token new}. */
@Command(
    name = "new",
    description = "Make a token: it is shown once, the entry goes into the site's list of tokens.",
    mixinStandardHelpOptions = true)
final class TokenNewCommand implements Callable<Integer> {
  @Option(names = "--name", paramLabel = "NAME", description = "Whose it is (default: token).")
  private String name = "token";

  @Option(
      names = "--scope",
      paramLabel = "SCOPE",
      description = "read, write, peer or admin; may be repeated (default: read, write).")
  private List<Scope> scopes = new ArrayList<>();

  @Option(
      names = "--repo",
      paramLabel = "OWNER/REPO",
      description = "What it is good for; owner/* and */* too; may be repeated (default: */*).")
  private List<String> repos = new ArrayList<>();

  @Option(names = "--host", paramLabel = "URL", description = "Of a peer: its site's URL.")
  private @Nullable String host;

  private final Environment environment;

  TokenNewCommand(Environment environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() {
    TokenMint.Minted minted =
        new TokenMint(environment.random()).mint(name, scopes(), globs(), host);
    environment.out().println(minted.token());
    environment.out().println(Output.json(minted.entry().fields()));
    return 0;
  }

  private Set<Scope> scopes() {
    return scopes.isEmpty() ? Set.of(Scope.READ, Scope.WRITE) : Set.copyOf(scopes);
  }

  private List<RepoGlob> globs() {
    return repos.isEmpty()
        ? List.of(RepoGlob.parse("*/*"))
        : repos.stream().map(RepoGlob::parse).toList();
  }
}
