package dev.sheaf.api.http;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * JSON as the values that msgpack has: maps with text keys, lists, texts, {@link Long}, {@link
 * Double}, {@link Boolean} and null. Bytes are written as base64.
 */
public final class JsonDocuments {
  /** Values in one document: many more than the longest list of ids has. */
  static final int MAX_VALUES = 500_000;

  private static final int MAX_NESTING = 64;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder().maxNestingDepth(MAX_NESTING).build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .build();

  private JsonDocuments() {}

  /**
   * Reads one value.
   *
   * @throws IOException when it is not JSON, is nested deeper than 64, repeats a key, holds an
   *     integer of more than 64 bits or too many values, or when something follows it
   */
  public static @Nullable Object read(byte[] utf8) throws IOException {
    try (JsonParser parser = JSON.createParser(utf8)) {
      parser.nextToken();
      Object value = new Reading(parser).value();
      if (parser.nextToken() != null) {
        throw new IOException("something follows the JSON value");
      }
      return value;
    } catch (JacksonException e) {
      // Its own text would add a second line and where the bytes came from.
      throw new IOException(e.getOriginalMessage() + ", at byte " + offset(e), e);
    }
  }

  private static long offset(JacksonException e) {
    return e.getLocation() == null ? -1 : e.getLocation().getByteOffset();
  }

  /** {@link #read} for a value that must be a map. */
  @SuppressWarnings("unchecked") // A map of this class has texts as keys.
  public static Map<String, @Nullable Object> readMap(byte[] utf8) throws IOException {
    if (read(utf8) instanceof Map<?, ?> map) {
      return (Map<String, @Nullable Object>) map;
    }
    throw new IOException("it is another JSON value");
  }

  /** Writes one value as UTF-8 without white space. */
  public static byte[] write(@Nullable Object value) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator generator = JSON.createGenerator(bytes)) {
      write(generator, value);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /** One value being read, and how many it may still hold. */
  private static final class Reading {
    private final JsonParser parser;
    private int valuesLeft = MAX_VALUES;

    Reading(JsonParser parser) {
      this.parser = parser;
    }

    @Nullable Object value() throws IOException {
      JsonToken token = parser.currentToken();
      if (token == null) {
        throw new IOException("the JSON text is empty");
      }
      if (--valuesLeft < 0) {
        throw new IOException("it holds more than " + MAX_VALUES + " values");
      }
      return switch (token) {
        case START_OBJECT -> map();
        case START_ARRAY -> list();
        case VALUE_STRING -> parser.getText();
        case VALUE_NUMBER_INT -> parser.getLongValue();
        case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
        case VALUE_TRUE -> true;
        case VALUE_FALSE -> false;
        case VALUE_NULL -> null;
        case END_OBJECT, END_ARRAY, FIELD_NAME, VALUE_EMBEDDED_OBJECT, NOT_AVAILABLE ->
            throw new IOException("unexpected " + token);
      };
    }

    private Map<String, @Nullable Object> map() throws IOException {
      Map<String, @Nullable Object> map = new LinkedHashMap<>();
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String key = parser.currentName();
        parser.nextToken();
        map.put(key, value());
      }
      return map;
    }

    private List<@Nullable Object> list() throws IOException {
      List<@Nullable Object> list = new ArrayList<>();
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        list.add(value());
      }
      return list;
    }
  }

  private static void write(JsonGenerator out, @Nullable Object value) throws IOException {
    switch (value) {
      case null -> out.writeNull();
      case String text -> out.writeString(text);
      case Boolean flag -> out.writeBoolean(flag);
      case Long number -> out.writeNumber(number);
      case Integer number -> out.writeNumber(number);
      case BigInteger number -> out.writeNumber(number);
      case Double number -> out.writeNumber(number);
      case byte[] bytes -> out.writeBinary(bytes);
      case List<?> list -> {
        out.writeStartArray();
        for (Object element : list) {
          write(out, element);
        }
        out.writeEndArray();
      }
      case Map<?, ?> map -> {
        out.writeStartObject();
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          out.writeFieldName(String.valueOf(entry.getKey()));
          write(out, entry.getValue());
        }
        out.writeEndObject();
      }
      default -> throw new IllegalArgumentException("no JSON for " + value.getClass());
    }
  }
}
