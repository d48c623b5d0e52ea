package dev.sheaf.cli;

import dev.sheaf.cli.pages.FishCompletion;
import dev.sheaf.cli.pages.ManPage;
import dev.sheaf.cli.process.Environment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;

/** {@code sheaf pages}. */
@Command(
    name = "pages",
    hidden = true,
    description = "Write the pages of the manual, and completion for bash, zsh and fish.",
    mixinStandardHelpOptions = true)
final class PagesCommand implements Callable<Integer> {
  /** Loads what is for bash, which zsh takes as well. */
  private static final String ZSH =
      """
      #compdef sheaf
      autoload -U +X bashcompinit && bashcompinit
      source "${${(%):-%x}:A:h}/../../bash-completion/completions/sheaf"
      """;

  @Parameters(paramLabel = "DIR", description = "The folder, laid out as /usr/share is.")
  private Path folder = Path.of("");

  private final Environment environment;

  PagesCommand(Environment environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() throws IOException {
    CommandLine line = new Sheaf().whole(environment);
    CommandSpec program = line.getCommandSpec();
    String version = new Sheaf.Version().getVersion()[0];
    for (CommandSpec each : ManPage.commands(program)) {
      write("man/man1/" + ManPage.name(each) + ".1", ManPage.of(each, version));
    }
    write("bash-completion/completions/sheaf", AutoComplete.bash("sheaf", line));
    write("zsh/site-functions/_sheaf", ZSH);
    write("fish/vendor_completions.d/sheaf.fish", FishCompletion.of(program));
    return 0;
  }

  private void write(String name, String text) throws IOException {
    Path file = environment.directory().resolve(folder).resolve(name);
    Files.createDirectories(Objects.requireNonNull(file.getParent()));
    Files.writeString(file, text);
  }
}
