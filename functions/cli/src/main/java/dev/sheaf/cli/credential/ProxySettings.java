package dev.sheaf.cli.credential;

import dev.sheaf.cli.git.GitProgram;
import dev.sheaf.cli.http.Proxies;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The proxies of git's configuration: that of a remote ({@code remote.NAME.proxy}), else that of a
 * URL ({@code http.proxy}, {@code http.URL.proxy}).
 */
public final class ProxySettings implements Proxies.Configuration {
  private final GitProgram git;
  private final @Nullable String remote;
  private @Nullable Boolean isAnySet;

  /**
   * @param variables the environment of this process
   * @param directory where git looks for the repository's configuration
   * @param remote the remote that is spoken to; null: none that has a name
   */
  public ProxySettings(Map<String, String> variables, Path directory, @Nullable String remote) {
    this.git = GitProgram.forSettings(variables, directory);
    this.remote = remote;
  }

  @Override
  public Optional<String> proxy(URI url) {
    if (!isAnySet()) {
      return Optional.empty();
    }
    // Whoever may read along must not learn what a presigned URL allows.
    String plain = url.getScheme() + "://" + url.getRawAuthority() + url.getRawPath();
    return Optional.ofNullable(remote)
        .flatMap(name -> config("--get", "remote." + name + ".proxy"))
        .or(() -> config("--get-urlmatch", "http.proxy", plain));
  }

  /** Mostly none is, and then this is the only question. */
  private synchronized boolean isAnySet() {
    if (isAnySet == null) {
      isAnySet =
          config("--name-only", "--get-regexp", "^(http|remote)\\.(.*\\.)?proxy$").isPresent();
    }
    return isAnySet;
  }

  private Optional<String> config(String... question) {
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    String[] words = new String[question.length + 1];
    words[0] = "config";
    System.arraycopy(question, 0, words, 1, question.length);
    try {
      return git.run(new byte[0], answer, words).isDone()
          ? Optional.of(answer.toString(StandardCharsets.UTF_8).strip())
          : Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
