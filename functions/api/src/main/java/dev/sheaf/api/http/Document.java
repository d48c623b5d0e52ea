package dev.sheaf.api.http;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.msgpack.Msgpack;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The top level of a document, read field by field. Unknown fields are ignored and null counts as
 * absent; a field of another type, or past its limit, is a {@link SheafException} of kind {@code
 * INVALID} (422) that names the field.
 */
public final class Document {
  private final Map<String, ? extends @Nullable Object> values;

  Document(Map<String, ? extends @Nullable Object> values) {
    this.values = values;
  }

  /** Whether a field is there, be it null. */
  public boolean holds(String name) {
    return values.containsKey(name);
  }

  /** A text that must be there. */
  public String text(String name) {
    return optionalText(name).orElseThrow(() -> missing(name));
  }

  /** A text, if it is there. */
  public Optional<String> optionalText(String name) {
    Object value = values.get(name);
    if (value == null) {
      return Optional.empty();
    }
    if (!(value instanceof String text)) {
      throw wrong(name, "a text", value);
    }
    checkText("field " + name, text);
    return Optional.of(text);
  }

  /** An integer of at least {@code min} that must be there. */
  public long integer(String name, long min) {
    Object value = values.get(name);
    if (value == null) {
      throw missing(name);
    }
    if (!(value instanceof Long number)) {
      throw wrong(name, "an integer", value);
    }
    if (number < min) {
      throw invalid("field " + name + " must be at least " + min + ", not " + number);
    }
    return number;
  }

  /** An integer between bounds; another value where it is absent. */
  public long integer(String name, long absent, long min, long max) {
    if (values.get(name) == null) {
      return absent;
    }
    long number = integer(name, min);
    if (number > max) {
      throw invalid("field " + name + " must be at most " + max + ", not " + number);
    }
    return number;
  }

  /** Bytes that must be there; JSON has none. */
  public byte[] bytes(String name) {
    Object value = values.get(name);
    if (value == null) {
      throw missing(name);
    }
    if (!(value instanceof byte[] bytes)) {
      throw wrong(name, "bytes (binary in msgpack)", value);
    }
    return bytes;
  }

  /** A document in gzip inside this one, at most so many bytes when unpacked. */
  public Document unpacked(String name, int max) {
    return Formats.unpack(name, bytes(name), max);
  }

  /** A document inside this one that must be there. */
  public Document document(String name) {
    Object value = values.get(name);
    if (value == null) {
      throw missing(name);
    }
    return nested(name, value);
  }

  /** A list of at most {@code max} documents; absent means empty. */
  public List<Document> documents(String name, int max) {
    Object value = values.get(name);
    if (value == null) {
      return List.of();
    }
    if (!(value instanceof List<?> list)) {
      throw wrong(name, "a list of maps", value);
    }
    if (list.size() > max) {
      throw invalid("field " + name + " has " + list.size() + " entries; at most " + max);
    }
    List<Document> documents = new ArrayList<>(list.size());
    for (Object element : list) {
      documents.add(nested(name, element));
    }
    return documents;
  }

  @SuppressWarnings("unchecked") // Both formats refuse keys that are no texts.
  private static Document nested(String name, @Nullable Object value) {
    if (value instanceof Map<?, ?> map) {
      return new Document((Map<String, ? extends @Nullable Object>) map);
    }
    throw wrong(name, "a map", value);
  }

  /** The whole document as msgpack, whichever format it came in. */
  public byte[] packed() {
    return Msgpack.encode(values);
  }

  /** A truth value that must be there. */
  public boolean requiredFlag(String name) {
    if (values.get(name) == null) {
      throw missing(name);
    }
    return flag(name);
  }

  /** A truth value; absent means false. */
  public boolean flag(String name) {
    Object value = values.get(name);
    if (value == null) {
      return false;
    }
    if (!(value instanceof Boolean flag)) {
      throw wrong(name, "true or false", value);
    }
    return flag;
  }

  /** A list of at most {@code max} texts; absent means empty. */
  public List<String> texts(String name, int max) {
    Object value = values.get(name);
    if (value == null) {
      return List.of();
    }
    if (!(value instanceof List<?> list)) {
      throw wrong(name, "a list of texts", value);
    }
    if (list.size() > max) {
      throw invalid("field " + name + " has " + list.size() + " entries; at most " + max);
    }
    List<String> texts = new ArrayList<>(list.size());
    for (Object element : list) {
      if (!(element instanceof String text)) {
        throw wrong(name, "a list of texts", element);
      }
      checkText("field " + name, text);
      texts.add(text);
    }
    return texts;
  }

  /** A map of texts to texts with at most {@code max} entries, in their order; empty if absent. */
  public Optional<Map<String, String>> optionalTextMap(String name, int max) {
    Object value = values.get(name);
    if (value == null) {
      return Optional.empty();
    }
    if (!(value instanceof Map<?, ?> map)) {
      throw wrong(name, "a map of texts", value);
    }
    if (map.size() > max) {
      throw invalid("field " + name + " has " + map.size() + " entries; at most " + max);
    }
    Map<String, String> texts = new LinkedHashMap<>();
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      if (!(entry.getKey() instanceof String key) || !(entry.getValue() instanceof String text)) {
        throw wrong(name, "a map of texts", entry.getValue());
      }
      checkText("field " + name, key);
      checkText("field " + name, text);
      texts.put(key, text);
    }
    return Optional.of(texts);
  }

  /** Postgres stores no U+0000, and no UTF-8 can hold half a surrogate pair. */
  static void checkText(String where, String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean lone = Character.isSurrogate(c);
      if (Character.isHighSurrogate(c)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        lone = false;
        i++;
      }
      if (c == 0 || lone) {
        throw invalid(where + " holds U+0000 or half a surrogate pair; send it without");
      }
    }
  }

  private static SheafException missing(String name) {
    return invalid("field " + name + " is missing");
  }

  private static SheafException wrong(String name, String expected, @Nullable Object value) {
    String found = value == null ? "null" : value.getClass().getSimpleName();
    return invalid("field " + name + " must be " + expected + ", not " + found);
  }

  private static SheafException invalid(String message) {
    return new SheafException(ErrorKind.INVALID, message);
  }
}
