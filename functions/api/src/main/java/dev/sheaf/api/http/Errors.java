package dev.sheaf.api.http;

import dev.sheaf.bundle.SheafException;
import dev.sheaf.repository.NotHomeException;
import dev.sheaf.repository.RepoMovedException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Failures as answers: {@code {"error": "<stable code>", "detail": "<what, on which key, what to
 * do>"}}. Clients may build on the code and the status; the detail is for people. {@code not_home}
 * also has {@code home}, the URL of the site to go to; {@code repo_moved} has {@code moved_to}, the
 * repository as {@code owner/name}.
 *
 * <p>429 is not among them: throttling is the gateway's, before a function runs.
 */
final class Errors {
  private Errors() {}

  static Reply reply(SheafException failure) {
    if (failure instanceof HttpFailure own) {
      Reply reply = error(own.status(), own.code(), String.valueOf(own.getMessage()));
      for (Map.Entry<String, String> header : own.headers().entrySet()) {
        reply = reply.with(header.getKey(), header.getValue());
      }
      return reply;
    }
    String detail = String.valueOf(failure.getMessage());
    if (failure instanceof NotHomeException elsewhere) {
      Map<String, Object> fields = fields("not_home", detail);
      fields.put("home", elsewhere.home());
      return Reply.document(409, fields);
    }
    if (failure instanceof RepoMovedException renamed) {
      Map<String, Object> fields = fields("repo_moved", detail);
      fields.put("moved_to", renamed.repo().path());
      return Reply.document(404, fields);
    }
    return switch (failure.kind()) {
      case INVALID -> error(422, "invalid", detail);
      case NOT_FOUND -> error(404, "not_found", detail);
      case FORBIDDEN -> error(403, "forbidden", detail);
      // The function's own rights, secrets and settings: no caller can help.
      case SITE -> error(500, "misconfigured", detail);
      case CONFLICT -> error(409, "conflict", detail);
      case TOO_LARGE -> error(413, "too_large", detail);
      case UNAVAILABLE -> error(503, "unavailable", detail).with("Retry-After", "2");
      case CORRUPT -> error(500, "corrupt", detail);
    };
  }

  /** For a failure that nobody foresaw: its text stays in the log. */
  static Reply unforeseen(String requestId) {
    return error(
        500,
        "internal",
        "Internal Server Error; the operator finds the reason in the log under " + requestId);
  }

  private static Reply error(int status, String code, String detail) {
    return Reply.document(status, fields(code, detail));
  }

  private static Map<String, Object> fields(String code, String detail) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("error", code);
    fields.put("detail", detail);
    return fields;
  }
}
