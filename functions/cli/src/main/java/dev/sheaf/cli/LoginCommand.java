package dev.sheaf.cli;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.cli.credential.CredentialFile;
import dev.sheaf.cli.http.Origin;
import dev.sheaf.cli.process.Environment;
import dev.sheaf.cli.process.Visible;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code sheaf login}. */
@Command(
    name = "login",
    description = "Keep the token that is read from standard input, for one site.",
    mixinStandardHelpOptions = true)
final class LoginCommand implements Callable<Integer> {
  /** Longer ones are something else. */
  private static final int LONGEST = 1_000;

  @Parameters(index = "0", paramLabel = "URL", description = "The site, or a repository in it.")
  private String url = "";

  private final Environment environment;

  LoginCommand(Environment environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() throws IOException {
    Origin origin = Origin.parse(url);
    if (environment.interactive()) {
      environment.err().println("paste the token, and end with Enter and Ctrl-D:");
    }
    String token;
    try (InputStream in = new FileInputStream(FileDescriptor.in)) {
      token = new String(in.readNBytes(LONGEST), StandardCharsets.UTF_8).strip();
    }
    if (!token.matches("[!-~]+")) {
      throw new SheafException(
          ErrorKind.INVALID, "standard input holds no token; 'echo TOKEN | sheaf login URL' does");
    }
    Path file = CredentialFile.of(environment.variables()).put(origin, token);
    environment.out().println(Visible.line("the token for " + origin + " is in " + file));
    return 0;
  }
}
