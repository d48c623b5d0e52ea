package dev.sheaf.localstack.servers.sqs;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sheaf.localstack.servers.access.AccessDenied;
import dev.sheaf.localstack.servers.access.Signatures;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** HTTP in front of {@link SqsActions}: SQS's JSON protocol, signed requests only. */
final class SqsHandler extends Handler.Abstract {
  private static final ObjectMapper JSON = JsonMapper.builder().build();
  private static final String TARGET = "AmazonSQS.";

  /** A batch of the largest messages, escaped, with handles and names. */
  private static final int REQUEST_BYTES = 8 * SqsActions.MESSAGE_BYTES;

  private final SqsActions actions;
  private final Signatures signatures;

  SqsHandler(SqsActions actions, Signatures signatures) {
    this.actions = actions;
    this.signatures = signatures;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    try {
      answer(response, callback, 200, run(request));
    } catch (SqsException e) {
      fail(response, callback, e.status(), e.type(), String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      fail(response, callback, 503, "ServiceUnavailable", "the server stops");
    } catch (IOException e) {
      callback.failed(e);
    }
    return true;
  }

  private JsonNode run(Request request) throws SqsException, IOException, InterruptedException {
    byte[] body;
    try (InputStream in = Content.Source.asInputStream(request)) {
      body = in.readNBytes(REQUEST_BYTES + 1);
    }
    if (body.length > REQUEST_BYTES) {
      throw SqsException.tooLarge("The request", REQUEST_BYTES);
    }
    try {
      signatures.require(request, body);
    } catch (AccessDenied e) {
      throw SqsException.denied(e.type(), e.reason());
    }
    String target = String.valueOf(request.getHeaders().get("X-Amz-Target"));
    if (!target.startsWith(TARGET)) {
      throw SqsException.invalid("UnknownOperationException", "X-Amz-Target is " + target);
    }
    try {
      return actions.run(target.substring(TARGET.length()), JSON.readTree(body));
    } catch (JsonProcessingException e) {
      throw SqsException.invalid("SerializationException", "the request is not JSON");
    }
  }

  private static void fail(
      Response response, Callback callback, int status, String type, String message) {
    answer(
        response,
        callback,
        status,
        JSON.createObjectNode().put("__type", "com.amazonaws.sqs#" + type).put("message", message));
  }

  private static void answer(Response response, Callback callback, int status, JsonNode json) {
    byte[] body = json.toString().getBytes(UTF_8);
    response.setStatus(status);
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/x-amz-json-1.0");
    response.getHeaders().put(HttpHeader.CONTENT_LENGTH, body.length);
    response.write(true, ByteBuffer.wrap(body), callback);
  }
}
