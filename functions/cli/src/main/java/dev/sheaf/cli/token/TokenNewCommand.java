package dev.sheaf.cli.token;

import dev.sheaf.cli.process.Environment;
import dev.sheaf.cli.process.Output;
import dev.sheaf.repository.token.TokenMint;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code sheaf token new}. */
@Command(
    name = "new",
    description =
        "Make a token and its entry for a list, which is not touched; both are shown once.",
    mixinStandardHelpOptions = true)
final class TokenNewCommand implements Callable<Integer> {
  @Mixin private Rights rights = new Rights();

  private final Environment environment;

  TokenNewCommand(Environment environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() {
    TokenMint.Minted minted = rights.mint(environment.random());
    environment.out().println(minted.token());
    environment.out().println(Output.json(minted.entry().fields()));
    return 0;
  }
}
