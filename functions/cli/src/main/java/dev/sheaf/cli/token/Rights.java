package dev.sheaf.cli.token;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.repository.token.RepoGlob;
import dev.sheaf.repository.token.Scope;
import dev.sheaf.repository.token.TokenMint;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a new token is to open: nobody is given more than was said. */
final class Rights {
  @Option(names = "--name", paramLabel = "NAME", description = "Whose it is (default: token).")
  private String name = "token";

  @Option(
      names = "--scope",
      paramLabel = "SCOPE",
      required = true,
      description = "read, write, peer or admin; may be repeated.")
  private List<Scope> scopes = new ArrayList<>();

  @Option(
      names = "--repo",
      paramLabel = "OWNER/REPO",
      description = "What it is good for; owner/* and * too; may be repeated. Of no use to a peer.")
  private List<String> repos = new ArrayList<>();

  @Option(names = "--host", paramLabel = "URL", description = "Of a peer: its site's URL.")
  private @Nullable String host;

  /**
   * Mints a token.
   *
   * @throws SheafException of kind INVALID when the options do not go together
   */
  TokenMint.Minted mint(RandomGenerator random) {
    boolean isPeer = scopes.contains(Scope.PEER);
    if (repos.isEmpty() && !scopes.equals(List.of(Scope.PEER))) {
      throw invalid("say which repositories the token is for: --repo OWNER/REPO, OWNER/* or *");
    }
    if (isPeer && host == null) {
      throw invalid("say which site the peer is: --host URL");
    }
    return new TokenMint(random).mint(name, Set.copyOf(scopes), globs(), host);
  }

  private List<RepoGlob> globs() {
    try {
      return repos.stream().map(RepoGlob::parse).toList();
    } catch (IllegalArgumentException e) {
      throw invalid(String.valueOf(e.getMessage()));
    }
  }

  private static SheafException invalid(String what) {
    return new SheafException(ErrorKind.INVALID, what);
  }
}
