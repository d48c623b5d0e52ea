package dev.sheaf.cli.credential;

import dev.sheaf.cli.git.GitProgram;
import dev.sheaf.cli.http.Origin;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** What git's own credential helpers (gitcredentials(7)) have for an origin. Nobody is asked. */
public final class GitCredential {
  private final GitProgram git;

  /**
   * @param variables the environment of this process
   * @param directory where git looks for the repository's configuration
   */
  public GitCredential(Map<String, String> variables, Path directory) {
    Map<String, String> silent = new HashMap<>(variables);
    silent.put("GIT_TERMINAL_PROMPT", "0");
    silent.put("GIT_ASKPASS", "");
    silent.put("SSH_ASKPASS", "");
    this.git = GitProgram.in(silent, directory);
  }

  /** The token, which git calls a password. */
  public Optional<String> token(Origin origin) throws IOException {
    if (!git.run("config", "--get-regexp", "^credential\\.(.*\\.)?helper$").isDone()) {
      return Optional.empty();
    }
    String asked = "protocol=" + origin.scheme() + "\nhost=" + origin.authority() + "\n\n";
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    git.run(
        asked.getBytes(StandardCharsets.UTF_8),
        answer,
        "-c",
        "core.askPass=",
        "credential",
        "fill");
    return answer
        .toString(StandardCharsets.UTF_8)
        .lines()
        .filter(line -> line.startsWith("password="))
        .map(line -> line.substring("password=".length()))
        .findFirst();
  }
}
