package dev.sheaf.cli.http;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.msgpack.Msgpack;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Reads the documents that a server answers with. */
public final class AnswerFields {
  private static final ObjectMapper JSON = new ObjectMapper();

  private AnswerFields() {}

  /** Decodes MessagePack or JSON, as the content type says. */
  @SuppressWarnings("unchecked")
  static Map<String, @Nullable Object> document(String contentType, byte[] body) {
    if (contentType.contains("msgpack")) {
      return Msgpack.decodeMap(body);
    }
    try {
      if (JSON.readValue(body, Object.class) instanceof Map<?, ?> map) {
        return (Map<String, @Nullable Object>) map;
      }
      throw new IOException("not a map");
    } catch (IOException e) {
      throw new SheafException(
          ErrorKind.UNAVAILABLE,
          "the server's answer is not a document; is the URL that of a Sheaf site?",
          e);
    }
  }

  /** The sentence in an error; empty when the body is none of ours. */
  static String errorDetail(byte[] body) {
    try {
      return JSON.readTree(body).path("detail").asText("");
    } catch (IOException e) {
      return "";
    }
  }

  /** A text that must be there. */
  public static String text(Map<String, @Nullable Object> document, String key) {
    if (document.get(key) instanceof String text) {
      return text;
    }
    throw new SheafException(
        ErrorKind.UNAVAILABLE, "the server's answer has no '" + key + "'; is it of this version?");
  }

  /** A URL. */
  static URI uri(String text) {
    try {
      return new URI(text);
    } catch (URISyntaxException e) {
      throw new SheafException(
          ErrorKind.UNAVAILABLE, "the server's answer has a URL that is none: " + text, e);
    }
  }

  /** A number that must be there. */
  public static long number(Map<String, @Nullable Object> document, String key) {
    if (document.get(key) instanceof Number number) {
      return number.longValue();
    }
    throw new SheafException(
        ErrorKind.UNAVAILABLE, "the server's answer has no '" + key + "'; is it of this version?");
  }

  /** A list of texts; empty when absent. */
  public static List<String> texts(Map<String, @Nullable Object> document, String key) {
    return document.get(key) instanceof List<?> list
        ? list.stream().map(String::valueOf).toList()
        : List.of();
  }

  /** A map of texts; empty when absent. */
  public static Map<String, String> textMap(Map<String, @Nullable Object> document, String key) {
    Map<String, String> map = new LinkedHashMap<>();
    if (document.get(key) instanceof Map<?, ?> found) {
      found.forEach((name, value) -> map.put(String.valueOf(name), String.valueOf(value)));
    }
    return map;
  }

  /** A list of maps; empty when absent. */
  @SuppressWarnings("unchecked")
  public static List<Map<String, @Nullable Object>> maps(
      Map<String, @Nullable Object> document, String key) {
    return document.get(key) instanceof List<?> list
        ? list.stream()
            .filter(Map.class::isInstance)
            .map(item -> (Map<String, @Nullable Object>) Objects.requireNonNull(item))
            .toList()
        : List.of();
  }
}
