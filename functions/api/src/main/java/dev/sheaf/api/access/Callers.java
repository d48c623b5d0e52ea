package dev.sheaf.api.access;

import dev.sheaf.api.http.HttpFailure;
import dev.sheaf.api.http.Request;
import dev.sheaf.api.token.Caller;
import dev.sheaf.api.token.TokenDirectory;
import dev.sheaf.repository.token.Scope;
import java.util.Locale;
import java.util.Optional;

/**
 * Who calls, by the header {@code Authorization}. A token that is not known is refused even where
 * none is needed: its bearer believes to have rights.
 */
final class Callers {
  private static final String BEARER = "bearer ";

  private final TokenDirectory tokens;

  Callers(TokenDirectory tokens) {
    this.tokens = tokens;
  }

  Caller of(Request request) {
    Optional<String> header = request.header("Authorization");
    if (header.isEmpty()) {
      return Caller.ANONYMOUS;
    }
    Caller caller =
        bearerToken(header.get())
            .flatMap(tokens::caller)
            .orElseThrow(() -> HttpFailure.unauthenticated("Invalid or expired access code."));
    request.log().put("caller", caller.name());
    return caller;
  }

  private static Optional<String> bearerToken(String header) {
    return header.toLowerCase(Locale.ROOT).startsWith(BEARER)
        ? Optional.of(header.substring(BEARER.length()).strip())
        : Optional.empty();
  }

  /** Whoever runs this site. */
  Caller operator(Request request) {
    Caller caller = of(request);
    if (!caller.mayOperate()) {
      throw refusal(Scope.ADMIN, caller, "this site");
    }
    return caller;
  }

  /** Another site, or whoever runs this one. */
  Caller follower(Request request) {
    Caller caller = of(request);
    if (!caller.mayFollow()) {
      throw refusal(Scope.PEER, caller, "this site");
    }
    return caller;
  }

  /** 401 for a caller without a token, 403 for one whose token is not enough. */
  static HttpFailure refusal(Scope scope, Caller caller, String place) {
    if (caller.isAnonymous()) {
      return HttpFailure.unauthenticated(
          "Access code required. Send a token with scope '"
              + scope.text()
              + "' for "
              + place
              + " as 'Authorization: Bearer <token>'.");
    }
    return HttpFailure.forbidden(
        "the token '"
            + caller.name()
            + "' may not "
            + verb(scope)
            + " "
            + place
            + "; ask for one with scope '"
            + scope.text()
            + (scope == Scope.PEER ? "'" : "' and a glob that names it"));
  }

  private static String verb(Scope scope) {
    return switch (scope) {
      case ADMIN -> "administer";
      case READ -> "look behind the public side of";
      case PEER -> "follow";
      default -> "write to";
    };
  }
}
