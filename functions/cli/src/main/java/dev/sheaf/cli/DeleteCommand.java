package dev.sheaf.cli;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.cli.http.AnswerFields;
import dev.sheaf.cli.http.RepositoryClient;
import dev.sheaf.cli.process.Environment;
import dev.sheaf.cli.process.Output;
import dev.sheaf.cli.process.Visible;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sheaf delete}. */
@Command(
    name = "delete",
    description =
        "Delete a repository (needs scope admin). Nobody sees it from now on; its bytes go two"
            + " weeks later, and until then --undo takes it back. Its name is free after that.",
    mixinStandardHelpOptions = true)
final class DeleteCommand implements Callable<Integer> {
  @Mixin private final RemoteOptions remote;

  /** Never SHEAF_URL: what is deleted is said. */
  @Parameters(index = "0", paramLabel = "URL", description = "The repository.")
  private String url = "";

  @Option(names = "--undo", description = "Take a deletion back.")
  private boolean undo;

  @Option(names = "--yes", description = "Do not ask.")
  private boolean yes;

  @Option(names = "--json", description = "Write JSON.")
  private boolean json;

  private final Environment environment;

  DeleteCommand(Environment environment) {
    this.environment = environment;
    this.remote = new RemoteOptions(environment);
  }

  @Override
  public Integer call() throws IOException {
    RepositoryClient client = remote.repository(url);
    if (!undo && !yes) {
      ask(client.url().place());
    }
    Map<String, @Nullable Object> answer = client.setDeleted(!undo);
    environment
        .out()
        .println(json ? Output.json(answer) : Visible.line(client.url() + " " + outcome(answer)));
    return 0;
  }

  private String outcome(Map<String, @Nullable Object> answer) {
    return undo
        ? "is there again"
        : "is deleted; until "
            + AnswerFields.text(answer, "bytes_until")
            + " 'sheaf delete --undo' takes it back";
  }

  private void ask(String place) throws IOException {
    if (!environment.interactive()) {
      throw new SheafException(
          ErrorKind.INVALID,
          "nobody is there to be asked; --yes deletes " + place + " all the same");
    }
    environment.err().println("this deletes " + place + "; type its name to go on:");
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(
                new FileInputStream(FileDescriptor.in), StandardCharsets.UTF_8))) {
      if (!place.equals(in.readLine())) {
        throw new SheafException(
            ErrorKind.INVALID, "that is not " + place + "; nothing was deleted");
      }
    }
  }
}
