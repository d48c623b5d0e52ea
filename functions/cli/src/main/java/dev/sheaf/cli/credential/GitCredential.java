package dev.sheaf.cli.credential;

import dev.sheaf.cli.git.GitProgram;
import dev.sheaf.cli.http.RemoteUrl;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What git's own credential helpers (gitcredentials(7)) have for a repository. Nobody is asked; git
 * leaves the repository's name out, unless {@code credential.useHttpPath} wants it.
 */
public final class GitCredential {
  private static final String PASSWORD = "password=";

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
    this.git = GitProgram.forSettings(silent, directory);
  }

  /**
   * One that was found.
   *
   * @param token what git calls a password
   * @param description all that git said of it
   */
  public record Found(String token, String description) {}

  /** The token for a repository. */
  public Optional<Found> find(RemoteUrl url) throws IOException {
    if (!git.run("config", "--get-regexp", "^credential\\.(.*\\.)?helper$").isDone()) {
      return Optional.empty();
    }
    String asked =
        "protocol="
            + url.origin().scheme()
            + "\nhost="
            + url.origin().authority()
            + "\npath="
            + url.place()
            + "\n\n";
    String description = credential("fill", asked);
    return description
        .lines()
        .filter(line -> line.startsWith(PASSWORD))
        .map(line -> new Found(line.substring(PASSWORD.length()), description))
        .findFirst();
  }

  /** Tells the helpers that a site does not know what they have, so that they forget it. */
  public void reject(Found found) throws IOException {
    credential("reject", found.description() + "\n");
  }

  private String credential(String action, String description) throws IOException {
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    git.run(
        description.getBytes(StandardCharsets.UTF_8),
        answer,
        "-c",
        "core.askPass=",
        "credential",
        action);
    return answer.toString(StandardCharsets.UTF_8);
  }
}
