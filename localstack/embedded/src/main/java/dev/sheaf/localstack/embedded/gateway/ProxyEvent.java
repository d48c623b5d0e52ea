package dev.sheaf.localstack.embedded.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URLDecoder;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.Locale;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.Fields;

/** The event that API Gateway makes of a request (payload version 1.0, Lambda proxy). */
final class ProxyEvent {
  private static final ObjectMapper JSON = JsonMapper.builder().build();
  private static final DateTimeFormatter REQUEST_TIME =
      DateTimeFormatter.ofPattern("dd/MMM/yyyy:HH:mm:ss Z", Locale.ROOT).withZone(ZoneOffset.UTC);
  private static final String STAGE = "live";

  private final Request request;
  private final MediaTypes types;

  ProxyEvent(Request request, MediaTypes types) {
    this.request = request;
    this.types = types;
  }

  /** The event as JSON. */
  String json(byte[] body, String requestId, Instant now) {
    String path = request.getHttpURI().getPath();
    String proxy = URLDecoder.decode(path.substring(1).replace("+", "%2B"), UTF_8);
    ObjectNode event = JSON.createObjectNode();
    event.put("resource", proxy.isEmpty() ? "/" : "/{proxy+}");
    event.put("path", path);
    event.put("httpMethod", request.getMethod());
    headers(event);
    query(event);
    if (proxy.isEmpty()) {
      event.putNull("pathParameters");
    } else {
      event.putObject("pathParameters").put("proxy", proxy);
    }
    event.putNull("stageVariables");
    context(event.putObject("requestContext"), requestId, now);
    body(event, body);
    return event.toString();
  }

  /** Of several values of a header the plain map has the last, the other map all. */
  private void headers(ObjectNode event) {
    ObjectNode single = event.putObject("headers");
    ObjectNode multi = event.putObject("multiValueHeaders");
    for (HttpField field : request.getHeaders()) {
      single.put(field.getName(), field.getValue());
      array(multi, field.getName()).add(field.getValue());
    }
    String host = request.getHttpURI().getHost();
    single.put("X-Forwarded-For", Request.getRemoteAddr(request));
    single.put("X-Forwarded-Proto", "http");
    if (!single.has(HttpHeader.HOST.asString()) && host != null) {
      single.put(HttpHeader.HOST.asString(), host);
    }
  }

  private static ArrayNode array(ObjectNode map, String name) {
    return map.get(name) instanceof ArrayNode present ? present : map.putArray(name);
  }

  private void query(ObjectNode event) {
    Fields parameters = Request.extractQueryParameters(request, UTF_8);
    if (parameters.isEmpty()) {
      event.putNull("queryStringParameters");
      event.putNull("multiValueQueryStringParameters");
      return;
    }
    ObjectNode single = event.putObject("queryStringParameters");
    ObjectNode multi = event.putObject("multiValueQueryStringParameters");
    for (Fields.Field field : parameters) {
      single.put(field.getName(), field.getValues().getLast());
      field.getValues().forEach(array(multi, field.getName())::add);
    }
  }

  private void context(ObjectNode context, String requestId, Instant now) {
    context.put("resourceId", "local");
    context.put("resourcePath", "/{proxy+}");
    context.put("httpMethod", request.getMethod());
    context.put("extendedRequestId", requestId);
    context.put("requestTime", REQUEST_TIME.format(now));
    context.put("path", "/" + STAGE + request.getHttpURI().getPath());
    context.put("accountId", "000000000000");
    context.put("protocol", request.getConnectionMetaData().getProtocol());
    context.put("stage", STAGE);
    context.put("domainPrefix", "local");
    context.put("requestTimeEpoch", now.toEpochMilli());
    context.put("requestId", requestId);
    context.put("domainName", request.getHttpURI().getHost());
    context.put("apiId", "local");
    ObjectNode identity = context.putObject("identity");
    identity.put("sourceIp", Request.getRemoteAddr(request));
    identity.put("userAgent", request.getHeaders().get(HttpHeader.USER_AGENT));
  }

  private void body(ObjectNode event, byte[] body) {
    boolean binary = types.isBinaryRequest(request.getHeaders().get(HttpHeader.CONTENT_TYPE));
    if (body.length == 0) {
      event.putNull("body");
    } else if (binary) {
      event.put("body", Base64.getEncoder().encodeToString(body));
    } else {
      event.put("body", new String(body, UTF_8));
    }
    event.put("isBase64Encoded", binary && body.length > 0);
  }
}
