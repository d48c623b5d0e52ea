package dev.sheaf.cli;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.cli.http.RemoteUrl;
import dev.sheaf.cli.http.RepositoryClient;
import dev.sheaf.cli.http.Transport;
import dev.sheaf.cli.process.Environment;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options of every command that talks to a server. */
final class RemoteOptions {
  @Option(
      names = "--token",
      paramLabel = "TOKEN",
      description = "Access token; else SHEAF_TOKEN. Anybody on this machine can see an option.")
  private @Nullable String token;

  private final Environment environment;

  RemoteOptions(Environment environment) {
    this.environment = environment;
  }

  /** The URL that was given, or SHEAF_URL. */
  RemoteUrl url(@Nullable String given) {
    String url = given == null ? environment.variables().get("SHEAF_URL") : given;
    if (url == null || url.isBlank()) {
      throw new SheafException(
          ErrorKind.INVALID, "name the repository's URL, or set SHEAF_URL to it");
    }
    return RemoteUrl.parse(url);
  }

  /** Whether a text is meant as a URL, where a command takes a URL or something else. */
  static boolean isUrl(String text) {
    return text.contains("://");
  }

  /** Sends requests and counts them. */
  Transport transport() {
    return new Transport(environment.sleeper());
  }

  /** The routes of a repository. */
  RepositoryClient repository(RemoteUrl url, Transport transport) {
    String given = token == null ? environment.variables().get("SHEAF_TOKEN") : token;
    return new RepositoryClient(transport, url, given == null || given.isBlank() ? null : given);
  }

  /** The routes of a repository, for a command that needs nothing else. */
  RepositoryClient repository(@Nullable String given) {
    return repository(url(given), transport());
  }
}
