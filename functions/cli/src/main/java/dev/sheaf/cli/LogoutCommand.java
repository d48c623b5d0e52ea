package dev.sheaf.cli;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.cli.credential.CredentialFile;
import dev.sheaf.cli.http.Origin;
import dev.sheaf.cli.process.Environment;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code sheaf logout}. */
@Command(
    name = "logout",
    description = "Forget the token that is kept for a site.",
    mixinStandardHelpOptions = true)
final class LogoutCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "URL", description = "The site, or a repository in it.")
  private String url = "";

  private final Environment environment;

  LogoutCommand(Environment environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() throws IOException {
    Origin origin = Origin.parse(url);
    if (!CredentialFile.of(environment.variables()).remove(origin)) {
      throw new SheafException(ErrorKind.NOT_FOUND, "no token is kept for " + origin);
    }
    return 0;
  }
}
