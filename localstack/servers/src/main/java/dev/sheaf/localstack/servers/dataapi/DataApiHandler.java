package dev.sheaf.localstack.servers.dataapi;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.sheaf.localstack.servers.access.AccessDenied;
import dev.sheaf.localstack.servers.access.Signatures;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** HTTP in front of {@link Operations}: reads bodies, answers, reports errors as the service. */
final class DataApiHandler extends Handler.Abstract {
  private static final Logger log = LoggerFactory.getLogger(DataApiHandler.class);
  private static final ObjectMapper JSON = JsonMapper.builder().build();

  private final Operations operations;
  private final Signatures signatures;
  private final DataApiLimits limits;
  private final LongAdder requests = new LongAdder();
  private final AtomicInteger resuming = new AtomicInteger();

  DataApiHandler(Operations operations, Signatures signatures, DataApiLimits limits) {
    this.operations = operations;
    this.signatures = signatures;
    this.limits = limits;
  }

  LongAdder requests() {
    return requests;
  }

  AtomicInteger resuming() {
    return resuming;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    requests.increment();
    try {
      String operation = Request.getPathInContext(request).substring(1);
      byte[] answer = operations.run(operation, body(request));
      answer(response, callback, 200, answer);
    } catch (DataApiException e) {
      fail(response, callback, e);
    } catch (SQLException e) {
      fail(response, callback, DataApiException.of(e));
    } catch (Exception e) {
      log.error("the Data API bridge failed", e);
      fail(
          response,
          callback,
          new DataApiException(500, "InternalServerErrorException", String.valueOf(e)));
    }
    return true;
  }

  private JsonNode body(Request request) throws DataApiException, IOException {
    try (InputStream in = Content.Source.asInputStream(request)) {
      byte[] bytes = in.readNBytes(limits.requestBytes() + 1);
      if (bytes.length > limits.requestBytes()) {
        // A client that still sends when the connection ends does not see the answer.
        in.transferTo(OutputStream.nullOutputStream());
        throw tooLarge();
      }
      signatures.require(request, bytes);
      if (resuming.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
        throw DataApiException.resuming();
      }
      return bytes.length == 0 ? JsonNodeFactory.instance.objectNode() : JSON.readTree(bytes);
    } catch (AccessDenied e) {
      throw new DataApiException(403, e.type(), e.reason());
    } catch (JsonProcessingException e) {
      throw DataApiException.badRequest("the request is not JSON");
    }
  }

  private DataApiException tooLarge() {
    return new DataApiException(
        413,
        "RequestEntityTooLargeException",
        "Request size limit of " + limits.requestBytes() + " bytes exceeded");
  }

  private static void fail(Response response, Callback callback, DataApiException e) {
    response.getHeaders().put("x-amzn-ErrorType", e.type());
    String message = e.getMessage() == null ? "" : e.getMessage();
    byte[] body =
        JsonNodeFactory.instance.objectNode().put("message", message).toString().getBytes(UTF_8);
    answer(response, callback, e.status(), body);
  }

  private static void answer(Response response, Callback callback, int status, byte[] body) {
    response.setStatus(status);
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
    response.getHeaders().put(HttpHeader.CONTENT_LENGTH, body.length);
    response.write(true, ByteBuffer.wrap(body), callback);
  }
}
