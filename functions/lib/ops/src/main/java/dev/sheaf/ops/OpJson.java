package dev.sheaf.ops;

import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.io.CharacterEscapes;
import com.fasterxml.jackson.core.io.SerializedString;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Ops as JSON, in the form that mediorum gives them: six fields in a fixed order, and inside texts
 * {@code < > &} and U+2028 and U+2029 escaped. Readers ignore fields that they do not know. Numbers
 * stay exact, whatever their size.
 */
public final class OpJson {
  private static final int NESTING = 64;

  /** A page is bounded by its reader; one text that is too long must not hide the ops beside it. */
  private static final int TEXT_LENGTH = 64 << 20;

  /** More than any site writes, and less than one statement can keep. */
  private static final long MOST_OP_BYTES = 512 << 10;

  private static final int MOST_FIELD_CHARACTERS = 2_000;

  /** Stands in a record for those of an op that cannot be kept, and says why. */
  private static final String LEFT_OUT = "left_out";

  private static final int NUMBER_LENGTH = 100;

  static final ObjectMapper MAPPER =
      JsonMapper.builder(
              new JsonFactoryBuilder()
                  .characterEscapes(new GoEscapes())
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(NESTING)
                          .maxStringLength(TEXT_LENGTH)
                          .maxNameLength(TEXT_LENGTH)
                          .maxNumberLength(NUMBER_LENGTH)
                          .build())
                  .build())
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  /** For the catalog, which has its own way of writing texts. */
  private static final ObjectMapper PLAIN = new ObjectMapper();

  /** Reads a text that holds one value and nothing else. */
  private static final ObjectReader WHOLE =
      MAPPER.reader().with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private OpJson() {}

  /** An op on one line. */
  public static String write(Op op) {
    ObjectNode json = MAPPER.createObjectNode();
    json.put("ulid", op.ulid().text());
    json.put("host", op.host());
    json.put("action", op.action());
    json.put("table", op.table());
    json.set("data", op.data());
    json.put("transient", op.isTransient());
    return text(json);
  }

  static String text(JsonNode json) {
    return text(MAPPER, json);
  }

  /** The same value in the fewest bytes, on one line. */
  static String stored(JsonNode json) {
    return text(PLAIN, json);
  }

  private static String text(ObjectMapper mapper, JsonNode json) {
    try {
      return mapper.writeValueAsString(json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a JSON tree that cannot be written", e);
    }
  }

  /**
   * Reads one op.
   *
   * @throws SheafException of kind INVALID when it is none
   */
  public static Op read(String text) {
    try {
      return op(WHOLE.readTree(text));
    } catch (JsonProcessingException e) {
      throw invalid("an op is no JSON: " + e.getOriginalMessage(), e);
    }
  }

  /** Reads an object that this class wrote. */
  static ObjectNode object(String text) {
    try {
      return (ObjectNode) MAPPER.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("what was written is no JSON", e);
    }
  }

  /** Reads records as they lie in a column. */
  public static ArrayNode records(String text) {
    try {
      return records(MAPPER.readTree(text));
    } catch (JsonProcessingException e) {
      throw invalid("records of an op are no JSON: " + e.getOriginalMessage(), e);
    }
  }

  /**
   * Reads a page, one op after the other: whatever its size, one op is in memory. The records of
   * one that is larger than any site writes are {@link #leftOut}.
   *
   * @param sink takes each op in order
   * @param strange takes what is JSON, but no op
   * @throws SheafException of kind INVALID when the page is no JSON array; ops before the fault
   *     have been given out by then
   * @throws IOException when the page breaks off
   */
  static void readPage(InputStream body, Consumer<Op> sink, Consumer<SheafException> strange)
      throws IOException {
    try (JsonParser page = MAPPER.createParser(body)) {
      if (page.nextToken() != JsonToken.START_ARRAY) {
        throw invalid("the page is no JSON array of ops", null);
      }
      while (page.nextToken() != JsonToken.END_ARRAY) {
        long before = offset(page);
        JsonNode json = MAPPER.readTree(page);
        long size = offset(page) - before;
        if (size > MOST_OP_BYTES && json instanceof ObjectNode op) {
          op.set(
              "data",
              leftOut("they take %d bytes, %d are the most".formatted(size, MOST_OP_BYTES)));
        }
        give(json == null ? NullNode.getInstance() : json, sink, strange);
      }
    } catch (JsonProcessingException e) {
      throw invalid("the page is no JSON array of ops: " + e.getOriginalMessage(), e);
    }
  }

  private static long offset(JsonParser page) {
    JsonLocation location = page.currentLocation();
    return Math.max(location.getByteOffset(), location.getCharOffset());
  }

  /** In place of records that cannot be kept: nothing that could be applied. */
  static ArrayNode leftOut(String why) {
    ArrayNode records = MAPPER.createArrayNode();
    records.addObject().put(LEFT_OUT, why);
    return records;
  }

  /** Why the records of an op were left out; empty when they were not. */
  static Optional<String> whyLeftOut(Op op) {
    JsonNode why = op.data().path(0).path(LEFT_OUT);
    return why.isTextual() ? Optional.of(why.asText()) : Optional.empty();
  }

  private static void give(JsonNode json, Consumer<Op> sink, Consumer<SheafException> strange) {
    Op op;
    try {
      op = op(json);
    } catch (SheafException e) {
      strange.accept(e);
      return;
    }
    sink.accept(op);
  }

  private static Op op(JsonNode json) {
    String ulid = required(json, "ulid");
    Ulid known =
        Ulid.parse(ulid)
            .orElseThrow(() -> invalid("the ulid of an op is '" + ulid + "', which is none", null));
    ArrayNode records = records(json.path("data"));
    for (String field : new String[] {"host", "action", "table"}) {
      if (required(json, field).length() > MOST_FIELD_CHARACTERS) {
        records =
            leftOut("its %s has more than %d characters".formatted(field, MOST_FIELD_CHARACTERS));
      }
    }
    return new Op(
        known,
        cut(required(json, "host")),
        cut(required(json, "action")),
        cut(required(json, "table")),
        records,
        json.path("transient").asBoolean());
  }

  private static String cut(String field) {
    return field.substring(0, Math.min(MOST_FIELD_CHARACTERS, field.length()));
  }

  private static ArrayNode records(JsonNode data) {
    List<JsonNode> records = new ArrayList<>();
    data.forEach(records::add);
    if (!data.isArray() || !records.stream().allMatch(JsonNode::isObject)) {
      throw invalid("invalid crud data: expected an array of objects", null);
    }
    return (ArrayNode) data;
  }

  private static String required(JsonNode json, String field) {
    JsonNode value = json.path(field);
    if (!value.isTextual()) {
      throw invalid("an op has no text '" + field + "'", null);
    }
    return value.textValue();
  }

  private static SheafException invalid(String message, @Nullable Throwable cause) {
    return new SheafException(ErrorKind.INVALID, message, cause);
  }

  /** What Go's encoder escapes so that JSON can stand inside HTML. */
  private static final class GoEscapes extends CharacterEscapes {
    @Override
    public int[] getEscapeCodesForAscii() {
      int[] codes = standardAsciiEscapesForJSON();
      codes['<'] = ESCAPE_CUSTOM;
      codes['>'] = ESCAPE_CUSTOM;
      codes['&'] = ESCAPE_CUSTOM;
      return codes;
    }

    @Override
    public @Nullable SerializableString getEscapeSequence(int c) {
      return switch (c) {
        case '<', '>', '&', 0x2028, 0x2029 -> new SerializedString("\\u%04x".formatted(c));
        default -> null;
      };
    }
  }
}
