package dev.sheaf.cli.http;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;

/** An access token and the origin that it is for; requests to others cannot carry it. */
public final class Token {
  private final String value;
  private final Origin origin;
  private final Runnable onRefusal;

  private Token(String value, Origin origin, Runnable onRefusal) {
    this.value = value;
    this.origin = origin;
    this.onRefusal = onRefusal;
  }

  /** A token for the site of a repository. */
  public static Token of(String value, RemoteUrl url) {
    return of(value, url, false);
  }

  /**
   * A token for the site of a repository.
   *
   * @param overPlainHttp whether it may be sent where others on the network can read it
   * @throws SheafException of kind INVALID when it would have to be sent so and may not
   */
  public static Token of(String value, RemoteUrl url, boolean overPlainHttp) {
    Origin origin = url.origin();
    if (!origin.isPrivate() && !overPlainHttp) {
      throw new SheafException(
          ErrorKind.INVALID,
          "the token was not sent: everybody between here and "
              + origin
              + " could read it; use https, or --insecure-http if nobody is between");
    }
    return new Token(value, origin, () -> {});
  }

  /** The same, of which somebody wants to hear when the site does not know it. */
  public Token onRefusal(Runnable told) {
    return new Token(value, origin, told);
  }

  void refused() {
    onRefusal.run();
  }

  /** The request with the token. */
  Request authorize(Request request) {
    if (!Origin.of(request.uri()).equals(origin)) {
      throw new IllegalStateException("a token for " + origin + " is none for " + request.uri());
    }
    return request.with("Authorization", "Bearer " + value);
  }
}
