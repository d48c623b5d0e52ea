package dev.sheaf.repository.token;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The stored list of entries: a JSON array. */
public final class TokenList {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private TokenList() {}

  /**
   * Reads the list.
   *
   * @throws SheafException of kind {@code CORRUPT} that names the entry and the field at fault, and
   *     never quotes a hash
   */
  public static List<TokenEntry> parse(String json) {
    Object value;
    try {
      value = JSON.readValue(json, Object.class);
    } catch (JsonProcessingException e) {
      // No cause: a parser's message may quote what it read.
      throw corrupt("it is not JSON");
    }
    if (!(value instanceof List<?> list)) {
      throw corrupt("it is not a JSON array");
    }
    List<TokenEntry> entries = new ArrayList<>();
    for (Object element : list) {
      entries.add(entry(entries.size(), element));
    }
    return entries;
  }

  /** Writes a list that {@link #parse} reads. */
  public static String write(List<TokenEntry> entries) {
    try {
      return JSON.writeValueAsString(entries.stream().map(TokenEntry::fields).toList());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("entries are texts", e);
    }
  }

  private static TokenEntry entry(int index, @Nullable Object element) {
    if (!(element instanceof Map<?, ?> fields)) {
      throw corrupt("entry " + index + " is not an object");
    }
    String where = "entry " + index + ": ";
    String sha256 = text(where, fields, "sha256");
    if (!ContentId.isValid(sha256)) {
      throw corrupt(where + "sha256 is not 64 hex digits");
    }
    Set<Scope> scopes = EnumSet.noneOf(Scope.class);
    texts(where, fields, "scopes").forEach(scope -> scopes.add(scope(where, scope)));
    List<RepoGlob> repos = texts(where, fields, "repos").stream().map(g -> glob(where, g)).toList();
    String host = fields.get("host") == null ? null : text(where, fields, "host");
    return new TokenEntry(
        text(where, fields, "name"), ContentId.parse(sha256), scopes, repos, host);
  }

  private static Scope scope(String where, String text) {
    try {
      return Scope.valueOf(text.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw corrupt(where + "unknown scope '" + text + "'; read, write, peer or admin");
    }
  }

  private static RepoGlob glob(String where, String text) {
    try {
      return RepoGlob.parse(text);
    } catch (IllegalArgumentException e) {
      throw corrupt(where + e.getMessage());
    }
  }

  private static String text(String where, Map<?, ?> fields, String name) {
    if (fields.get(name) instanceof String text && !text.isEmpty()) {
      return text;
    }
    throw corrupt(where + name + " is missing or no text");
  }

  /** Absent means none: an entry that names no repository opens none. */
  private static List<String> texts(String where, Map<?, ?> fields, String name) {
    Object value = fields.get(name);
    if (value == null) {
      return List.of();
    }
    if (value instanceof List<?> list && list.stream().allMatch(String.class::isInstance)) {
      return list.stream().map(String.class::cast).toList();
    }
    throw corrupt(where + name + " is no list of texts");
  }

  private static SheafException corrupt(String what) {
    return new SheafException(
        ErrorKind.CORRUPT,
        "the token list that SHEAF_TOKENS names cannot be read: " + what + "; correct it there");
  }
}
