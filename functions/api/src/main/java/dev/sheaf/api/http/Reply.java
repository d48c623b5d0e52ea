package dev.sheaf.api.http;

import dev.sheaf.bundle.BytesContent;
import dev.sheaf.bundle.Content;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a route answers; {@link Api} brings it into the form that the client asked for.
 *
 * @param headers besides those that every answer carries
 */
public record Reply(int status, Map<String, String> headers, Body body) {
  public Reply {
    headers = Map.copyOf(headers);
  }

  /** The body of a reply. */
  public sealed interface Body {
    /** Sent as msgpack or JSON, as the client prefers. */
    record Document(Map<String, ? extends @Nullable Object> fields) implements Body {}

    /** A document that is msgpack already; read again for a client that prefers JSON. */
    record Packed(BytesContent msgpack) implements Body {}

    /** Sent as it is. */
    record Raw(Content content, String contentType) implements Body {}

    /** Nothing. */
    record Empty() implements Body {}
  }

  /** 200 with a document. */
  public static Reply ok(Map<String, ? extends @Nullable Object> fields) {
    return document(200, fields);
  }

  /** A document under any status. */
  public static Reply document(int status, Map<String, ? extends @Nullable Object> fields) {
    return new Reply(status, Map.of(), new Body.Document(fields));
  }

  /** 200 with a document that is msgpack already. */
  public static Reply packed(BytesContent msgpack) {
    return new Reply(200, Map.of(), new Body.Packed(msgpack));
  }

  /** Bytes as they are. */
  public static Reply raw(int status, Content content, String contentType) {
    return new Reply(status, Map.of(), new Body.Raw(content, contentType));
  }

  /** No body. */
  public static Reply empty(int status) {
    return new Reply(status, Map.of(), new Body.Empty());
  }

  /** 307: the same request, to be sent to another place. */
  public static Reply redirect(URI location) {
    return empty(307).with("Location", location.toString());
  }

  /** This reply with one more header. */
  public Reply with(String name, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(name, value);
    return new Reply(status, more, body);
  }
}
