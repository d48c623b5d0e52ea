package dev.sheaf.cli.send;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.cli.git.GitProgram;
import dev.sheaf.cli.git.LocalRepository;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Whether what the server refused is damaged here. It takes a look at every object: only the server
 * looks before.
 */
final class Damage {
  private Damage() {}

  /** The failure, said as damage of the repository if it is that. */
  static SheafException explain(LocalRepository repository, SheafException failure)
      throws IOException {
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    GitProgram.Outcome outcome =
        repository
            .git()
            .run(new byte[0], output, "fsck", "--no-dangling", "--no-reflogs", "--no-progress");
    Optional<String> damage =
        Stream.concat(outcome.complaint().lines(), output.toString(StandardCharsets.UTF_8).lines())
            .filter(Damage::isGrave)
            .findFirst();
    return damage
        .map(line ->
            new SheafException(
                ErrorKind.CORRUPT,
                "the git repository "
                    + repository.path()
                    + " is damaged: "
                    + line
                    + "; the server refused it; 'git fsck' shows the extent",
                failure))
        .orElse(failure);
  }

  /** What git only wonders about ("error in tree ...") is carried. */
  private static boolean isGrave(String line) {
    return line.startsWith("missing ")
        || line.startsWith("broken link ")
        || (line.startsWith("error: ") && !line.contains(" in "));
  }
}
