package dev.sheaf.journal;

import dev.sheaf.journal.json.Json;
import dev.sheaf.journal.json.JsonReader;
import dev.sheaf.journal.json.JsonSyntaxException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The members of an envelope object, as written: names match without regard to case, the last of
 * several counts, and absent or null ones have the zero value of their type.
 */
final class EnvelopeMembers {
  private record Member(String name, Json value) {}

  private final List<Member> members = new ArrayList<>(4);

  private EnvelopeMembers() {}

  /** Reads the object that comes next; null counts as one without members. */
  static EnvelopeMembers read(JsonReader in) {
    EnvelopeMembers read = new EnvelopeMembers();
    if (!in.atObject()) {
      requireNull(in.value(), "an object");
      return read;
    }
    in.beginObject();
    for (String name = in.nextName(); name != null; name = in.nextName()) {
      read.members.add(new Member(name, in.value()));
    }
    return read;
  }

  static void requireNull(Json value, String wanted) {
    if (!value.equals(Json.NULL)) {
      throw new JsonSyntaxException("expected " + wanted);
    }
  }

  /** A string, or the empty one. */
  String text(String field) {
    return text(field, "");
  }

  /** A string, or what was there before; null leaves what was there, as in Go. */
  String text(String field, String before) {
    String text = before;
    for (Member member : members) {
      if (matches(member.name, field)) {
        if (member.value instanceof Json.Text(String value)) {
          text = value;
        } else {
          requireNull(member.value, "a string as " + field);
        }
      }
    }
    return text;
  }

  /** A 64-bit integer written as one: {@code 1.0} and {@code "1"} are refused. */
  long whole(String field) {
    long whole = 0;
    for (Member member : members) {
      if (matches(member.name, field)) {
        switch (member.value) {
          case Json.Whole(long value) -> whole = value;
          case Json.Literal(String text) when text.equals("-0") -> whole = 0;
          case Json other -> requireNull(other, "a 64-bit integer as " + field);
        }
      }
    }
    return whole;
  }

  /** Any value. */
  Json any(String field) {
    Json last = Json.NULL;
    for (Member member : members) {
      if (matches(member.name, field)) {
        last = member.value;
      }
    }
    return last;
  }

  /** Whether a name stands for a field: without regard to case, as Go folds it. */
  static boolean matches(@Nullable String name, String field) {
    if (name == null || name.length() != field.length()) {
      return false;
    }
    for (int i = 0; i < field.length(); i++) {
      if (fold(name.charAt(i)) != fold(field.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  /** The simple case folding of Unicode, as far as it leads to ASCII letters. */
  private static char fold(char c) {
    return switch (c) {
      case '\u017f' -> 's'; // long s
      case '\u212a' -> 'k'; // Kelvin sign
      default -> c >= 'A' && c <= 'Z' ? (char) (c + 32) : c;
    };
  }
}
