package dev.sheaf.cli;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.cli.credential.CredentialFile;
import dev.sheaf.cli.credential.GitCredential;
import dev.sheaf.cli.credential.ProxySettings;
import dev.sheaf.cli.http.Origin;
import dev.sheaf.cli.http.Proxies;
import dev.sheaf.cli.http.RemoteUrl;
import dev.sheaf.cli.http.RepositoryClient;
import dev.sheaf.cli.http.SiteClient;
import dev.sheaf.cli.http.Token;
import dev.sheaf.cli.http.Transport;
import dev.sheaf.cli.process.Environment;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options of every command that talks to a server. */
final class RemoteOptions {
  @Option(
      names = "--token",
      paramLabel = "TOKEN",
      description = "Access token; else SHEAF_TOKEN. Anybody on this machine can see an option.")
  private @Nullable String token;

  @Option(
      names = "--insecure-http",
      description =
          "Send the token over plain HTTP to another machine: everybody between can read it.")
  private boolean insecureHttp;

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
    return transport(null);
  }

  /**
   * The same for a remote of git's configuration.
   *
   * @param remote its name; null: none
   */
  Transport transport(@Nullable String remote) {
    ProxySettings settings =
        new ProxySettings(environment.variables(), environment.directory(), remote);
    return new Transport(environment.sleeper(), new Proxies(environment.variables(), settings));
  }

  /** The routes of the repository that the command names, or SHEAF_URL. */
  RepositoryClient repository(RemoteUrl url, Transport transport) {
    return client(url, transport, url.origin());
  }

  /** The routes of a repository, for a command that needs nothing else. */
  RepositoryClient repository(@Nullable String given) {
    return repository(url(given), transport());
  }

  /**
   * The routes of the repository that a git repository's own configuration names. Whoever wrote it
   * may want the token: it goes there only if the command or SHEAF_URL says so.
   */
  RepositoryClient configured(RemoteUrl url, Transport transport) {
    return client(url, transport, null);
  }

  /**
   * @param named the origin that the command names; null: it names none
   */
  private RepositoryClient client(RemoteUrl url, Transport transport, @Nullable Origin named) {
    if (token != null) {
      return new RepositoryClient(transport, url, Token.of(token, url, insecureHttp));
    }
    String variable = environment.variables().get("SHEAF_TOKEN");
    boolean set = variable != null && !variable.isBlank();
    String home = environment.variables().get("SHEAF_URL");
    Origin origin = home == null || home.isBlank() ? named : Origin.parse(home);
    if (variable != null && set && url.origin().equals(origin)) {
      return new RepositoryClient(transport, url, Token.of(variable, url, insecureHttp));
    }
    return kept(url)
        .map(found -> new RepositoryClient(transport, url, found))
        .orElseGet(() ->
            RepositoryClient.anonymous(
                transport,
                url,
                set
                    ? withheld(url, origin)
                    : "no token was given: --token, SHEAF_TOKEN or 'sheaf login'"));
  }

  /** The token that was kept for this site by an earlier command, or by git. */
  private Optional<Token> kept(RemoteUrl url) {
    try {
      Optional<String> own = CredentialFile.of(environment.variables()).token(url.origin());
      if (own.isPresent()) {
        return Optional.of(Token.of(own.get(), url, insecureHttp));
      }
      GitCredential git = new GitCredential(environment.variables(), environment.directory());
      return git.find(url)
          .map(found ->
              Token.of(found.token(), url, insecureHttp).onRefusal(() -> reject(git, found)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void reject(GitCredential git, GitCredential.Found found) {
    try {
      git.reject(found);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The routes of a site: that of the URL, which may be a repository's, or of SHEAF_URL. */
  SiteClient site(@Nullable String given) {
    String url = given == null ? environment.variables().get("SHEAF_URL") : given;
    if (url == null || url.isBlank()) {
      throw new SheafException(ErrorKind.INVALID, "name the site's URL, or set SHEAF_URL to it");
    }
    RemoteUrl site = RemoteUrl.ofSite(url);
    return new SiteClient(transport(), site, siteToken(site)).orAt(url);
  }

  /** As for a repository that the command names. */
  private @Nullable Token siteToken(RemoteUrl site) {
    if (token != null) {
      return Token.of(token, site, insecureHttp);
    }
    String variable = environment.variables().get("SHEAF_TOKEN");
    String home = environment.variables().get("SHEAF_URL");
    boolean isFor = home == null || home.isBlank() || Origin.parse(home).equals(site.origin());
    return variable == null || variable.isBlank() || !isFor
        ? null
        : Token.of(variable, site, insecureHttp);
  }

  private static String withheld(RemoteUrl url, @Nullable Origin origin) {
    return origin == null
        ? "SHEAF_TOKEN was not sent: only this repository's configuration names "
            + url
            + "; name it in the command, or set SHEAF_URL to it"
        : "SHEAF_TOKEN was not sent: it is for "
            + origin
            + ", which SHEAF_URL names; --token gives one for "
            + url.origin();
  }
}
