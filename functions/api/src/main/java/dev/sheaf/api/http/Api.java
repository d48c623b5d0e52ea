package dev.sheaf.api.http;

import dev.sheaf.bundle.BytesContent;
import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.SheafException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The whole of HTTP for one request: find the route, run it, turn failures into answers, write the
 * answer in the form that was asked for, and log one line.
 */
public final class Api {
  private static final Logger LOG = LoggerFactory.getLogger(Api.class);

  private static final Content EMPTY = Content.of(new byte[0]);

  /**
   * Whether there is anything, and what form it has, is up to these; for an error as for what would
   * have been there instead. Nothing is compressed here, so {@code Accept-Encoding} is none of
   * them.
   */
  private static final String VARY = "Accept, Authorization";

  private final Router router;
  private final LongSupplier nanoTime;

  /**
   * @param routes the first that matches wins
   * @param nanoTime measures how long a request took
   */
  public Api(List<Route> routes, LongSupplier nanoTime) {
    this.router = new Router(routes);
    this.nanoTime = nanoTime;
  }

  /** Answers a request; no exception leaves this method but an {@link Error}. */
  public Response answer(Request request) {
    long start = nanoTime.getAsLong();
    request
        .log()
        .put("request_id", request.id())
        .put("method", request.method())
        .put("path", request.path())
        .put("bytes_in", request.body().length());
    Response response = finish(request, reply(request));
    request
        .log()
        .put("status", response.status())
        .put("bytes_out", response.body().size())
        .put("ms", (nanoTime.getAsLong() - start) / 1_000_000);
    LOG.info("{}", request.log());
    return response;
  }

  private Reply reply(Request request) {
    try {
      return router.answer(request);
    } catch (SheafException e) {
      return failed(request, e);
    } catch (RuntimeException e) {
      LOG.error("[api] unforeseen failure request_id={}", request.id(), e);
      return Errors.unforeseen(request.id());
    }
  }

  private static Reply failed(Request request, SheafException failure) {
    Reply reply = Errors.reply(failure);
    request.log().put("detail", String.valueOf(failure.getMessage()));
    if (reply.status() >= 500) {
      LOG.error("[api] failed request_id={}", request.id(), failure);
    }
    return reply;
  }

  /** Writes the answer out; one that no function may send becomes a 413. */
  private static Response finish(Request request, Reply reply) {
    try {
      return write(request, reply);
    } catch (HttpFailure tooLarge) {
      return write(request, failed(request, tooLarge));
    } catch (RuntimeException e) {
      LOG.error("[api] an answer cannot be written request_id={}", request.id(), e);
      return write(request, Errors.unforeseen(request.id()));
    }
  }

  private static Response write(Request request, Reply reply) {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("Cache-Control", "no-store");
    headers.put("Vary", VARY);
    headers.put("X-Content-Type-Options", "nosniff");
    headers.putAll(reply.headers());
    headers.put("Sheaf-Request-Id", request.id());
    return switch (reply.body()) {
      case Reply.Body.Empty() -> new Response(reply.status(), headers, EMPTY, false);
      case Reply.Body.Raw(Content content, String type) -> {
        headers.put("Content-Type", type);
        yield sized(request, reply.status(), headers, content, true);
      }
      case Reply.Body.Document(Map<String, ?> fields) -> {
        // Errors are JSON whatever was asked for: every client can read them.
        Format format = reply.status() >= 400 ? Format.JSON : Format.ofAnswer(request);
        Content body = Content.of(Formats.encode(format, fields));
        yield document(request, reply.status(), headers, body, format);
      }
      case Reply.Body.Packed(BytesContent msgpack) -> {
        Format format = Format.ofAnswer(request);
        yield document(
            request, reply.status(), headers, Formats.transcode(msgpack, format), format);
      }
    };
  }

  private static Response document(
      Request request, int status, Map<String, String> headers, Content body, Format format) {
    headers.put("Content-Type", format.mediaType);
    return sized(request, status, headers, body, format.binary);
  }

  private static Response sized(
      Request request, int status, Map<String, String> headers, Content body, boolean binary) {
    if (request.isHead()) {
      return new Response(status, headers, EMPTY, false);
    }
    GatewayLimits.requireAnswerFits(body, binary);
    return new Response(status, headers, body, binary);
  }
}
