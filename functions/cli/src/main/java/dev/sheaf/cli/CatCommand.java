package dev.sheaf.cli;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.cli.git.GitId;
import dev.sheaf.cli.http.AnswerFields;
import dev.sheaf.cli.http.RepositoryClient;
import dev.sheaf.cli.process.Environment;
import dev.sheaf.cli.process.Visible;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code sheaf cat}. */
@Command(
    name = "cat",
    description = "Write a file as it was in a commit; of a folder, list it.",
    mixinStandardHelpOptions = true)
final class CatCommand implements Callable<Integer> {
  @Mixin private final RemoteOptions remote;

  @Parameters(index = "0", paramLabel = "URL", description = "The repository.")
  private String url = "";

  @Parameters(
      index = "1",
      paramLabel = "COMMIT:PATH",
      description = "A commit id or a branch, and a path in it.")
  private String what = "";

  private final Environment environment;

  CatCommand(Environment environment) {
    this.environment = environment;
    this.remote = new RemoteOptions(environment);
  }

  @Override
  public Integer call() throws IOException {
    int from = what.startsWith("sha256:") ? "sha256:".length() : 0;
    int colon = what.indexOf(':', from);
    if (colon < 0) {
      throw new SheafException(
          ErrorKind.INVALID, "'" + what + "' is not COMMIT:PATH; main:README.md is, for instance");
    }
    RepositoryClient client = remote.repository(url);
    Map<String, @Nullable Object> found =
        client.tree(what.substring(0, colon), what.substring(colon + 1));
    if (found.containsKey("entries")) {
      AnswerFields.maps(found, "entries").forEach(this::print);
    } else {
      write(client, AnswerFields.text(found, "object_id"));
    }
    return 0;
  }

  private void write(RepositoryClient client, String id) throws IOException {
    if (GitId.names(id)) {
      environment.out().write(client.blob(new GitId(id)));
    } else {
      try (InputStream in = client.object(ContentId.parse(id))) {
        in.transferTo(environment.out());
      }
    }
    environment.out().flush();
  }

  private void print(Map<String, @Nullable Object> entry) {
    environment
        .out()
        .println(
            Visible.line(Objects.toString(entry.get("type"), ""))
                + "\t"
                + Objects.toString(entry.get("size_bytes"), "-")
                + "\t"
                + Visible.line(Objects.toString(entry.get("path"), "")));
  }
}
