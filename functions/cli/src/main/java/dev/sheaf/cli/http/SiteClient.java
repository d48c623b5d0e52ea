package dev.sheaf.cli.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.msgpack.Msgpack;
import java.net.URLEncoder;
import java.time.Duration;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The routes of a site itself, for who runs it. Failures come as the sentence that it gave.
 *
 * <p>Where the URL of a site has a path of two names or more, as API Gateway's by path on
 * LocalStack, nobody can tell it from that of a repository: it is asked when no site answers above
 * it.
 */
public final class SiteClient {
  private static final Duration ANSWER_TIME = Duration.ofSeconds(60);

  private final Transport transport;
  private RemoteUrl url;
  private @Nullable RemoteUrl otherwise;
  private final @Nullable Token token;

  /**
   * @param token of scope {@code admin} or {@code peer}; null sends none
   */
  public SiteClient(Transport transport, RemoteUrl url, @Nullable Token token) {
    this.transport = transport;
    this.url = url;
    this.token = token;
  }

  /** The same, which is at another URL of the same origin when nothing is at the first one. */
  public SiteClient orAt(String given) {
    RemoteUrl other = new RemoteUrl(given.replaceAll("/+$", ""));
    otherwise = other.equals(url) ? null : other;
    return this;
  }

  /** Where the site is. */
  public RemoteUrl url() {
    return url;
  }

  /** Its log, its peers, what could not be applied: see {@code GET /internal/crud/status}. */
  public Map<String, @Nullable Object> status() {
    return askSite(site -> Request.get(site.route("/internal/crud/status"), ANSWER_TIME));
  }

  /**
   * Has it follow its peers now.
   *
   * @return the number of the request, which the status tells of when it is done
   */
  public long follow() {
    return AnswerFields.number(
        askSite(site ->
            Request.post(
                site.route("/internal/crud/follow"), Content.of(new byte[0]), ANSWER_TIME)),
        "request");
  }

  /** What cleanup would delete, and who keeps it from more. */
  public Map<String, @Nullable Object> plan() {
    return askSite(site -> Request.get(site.route("/internal/ops/plan"), ANSWER_TIME));
  }

  /**
   * Gives up an op that cannot be applied there.
   *
   * @return how many that were
   */
  public long dropFailed(String ulid) {
    return drop("ulid=" + URLEncoder.encode(ulid, UTF_8));
  }

  /** Gives up all ops that cannot be applied there; returns how many they were. */
  public long dropAllFailed() {
    return drop("all=true");
  }

  private long drop(String which) {
    String path = "/internal/ops/failed/drop?" + which;
    return AnswerFields.number(
        askSite(site -> Request.post(site.route(path), Content.of(new byte[0]), ANSWER_TIME)),
        "dropped");
  }

  /**
   * Which site accepts the pushes of a repository.
   *
   * @param take makes it this one first
   */
  public Map<String, @Nullable Object> home(RemoteUrl repository, boolean take) {
    if (!take) {
      return ask(Request.get(repository.route("/home"), ANSWER_TIME));
    }
    Content body = Content.of(Msgpack.encode(Map.of("take", true)));
    return ask(
        Request.post(repository.route("/home"), body, ANSWER_TIME)
            .with("Content-Type", "application/x-msgpack"));
  }

  private Map<String, @Nullable Object> askSite(Function<RemoteUrl, Request> request) {
    Answer answer = send(request.apply(url));
    RemoteUrl other = otherwise;
    if (other != null && answer.status() == 404 && detail(answer).isEmpty()) {
      url = other;
      answer = send(request.apply(other));
    }
    otherwise = null;
    return document(answer);
  }

  private Map<String, @Nullable Object> ask(Request request) {
    return document(send(request));
  }

  private Answer send(Request request) {
    Request asking = request.with("Accept", "application/json");
    return transport.send("site", token == null ? asking : token.authorize(asking));
  }

  private static String detail(Answer answer) {
    return AnswerFields.errorDetail(answer.body());
  }

  private Map<String, @Nullable Object> document(Answer answer) {
    if (answer.status() / 100 == 2) {
      return AnswerFields.document(answer.contentType(), answer.body());
    }
    String detail = detail(answer);
    String message =
        detail.isEmpty()
            ? url + " answered " + answer.status() + "; is it the URL of a Sheaf site?"
            : detail;
    if (answer.status() == 401 && token == null) {
      message += " (no token was sent: --token, or SHEAF_TOKEN for the site of SHEAF_URL)";
    }
    throw new SheafException(
        answer.status() >= 500 ? ErrorKind.UNAVAILABLE : ErrorKind.INVALID, message);
  }
}
