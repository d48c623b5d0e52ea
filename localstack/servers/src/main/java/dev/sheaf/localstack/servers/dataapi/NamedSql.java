package dev.sheaf.localstack.servers.dataapi;

import java.util.ArrayList;
import java.util.List;

/**
 * One statement with the Data API's {@code :name} parameters, turned into JDBC's form.
 *
 * @param jdbc the statement with {@code ?} for each parameter
 * @param names the parameter at each place, in order; a name may occur more than once
 */
record NamedSql(String jdbc, List<String> names) {

  /**
   * Finds the parameters. What stands in quotes, comments and dollar quotes is left alone, and so
   * are casts ({@code ::type}).
   *
   * @throws DataApiException when there is more than one statement
   */
  static NamedSql parse(String sql) throws DataApiException {
    return new Scanner(sql).scan();
  }

  private static final class Scanner {
    private final String sql;
    private final StringBuilder jdbc;
    private final List<String> names = new ArrayList<>();
    private int at;
    private boolean ended;

    Scanner(String sql) {
      this.sql = sql;
      this.jdbc = new StringBuilder(sql.length() + 16);
    }

    NamedSql scan() throws DataApiException {
      while (at < sql.length()) {
        int skip = skippable();
        if (skip > at) {
          copyTo(skip);
        } else {
          one(sql.charAt(at));
        }
      }
      return new NamedSql(jdbc.toString(), List.copyOf(names));
    }

    /** The end of a comment or a quoted text that begins here; or this very place. */
    private int skippable() throws DataApiException {
      char c = sql.charAt(at);
      if (c == '-' && sql.startsWith("--", at)) {
        return endOr(sql.indexOf('\n', at), 1);
      }
      if (c == '/' && sql.startsWith("/*", at)) {
        return endOfComment();
      }
      int end = at;
      if (c == '"') {
        end = endOfQuoted('"', false);
      } else if (c == '\'') {
        end = endOfQuoted('\'', isEscapeString());
      } else if (c == '$' && (at == 0 || !isNamePart(sql.charAt(at - 1)))) {
        end = endOfDollarQuoted();
      }
      if (end > at) {
        requireOnly();
      }
      return end;
    }

    private void one(char c) throws DataApiException {
      if (c == ';') {
        ended = true;
        at++; // JDBC wants none
        return;
      }
      if (!Character.isWhitespace(c)) {
        requireOnly();
      }
      if (c == '?') {
        jdbc.append("??"); // an operator, not a place
        at++;
      } else if (c == ':' && sql.startsWith("::", at)) {
        copyTo(at + 2);
      } else if (c == ':' && at + 1 < sql.length() && isNameStart(sql.charAt(at + 1))) {
        parameter();
      } else {
        copyTo(at + 1);
      }
    }

    private void parameter() {
      int end = at + 1;
      while (end < sql.length() && isNamePart(sql.charAt(end)) && sql.charAt(end) != '$') {
        end++;
      }
      names.add(sql.substring(at + 1, end));
      jdbc.append('?');
      at = end;
    }

    private void requireOnly() throws DataApiException {
      if (ended) {
        throw DataApiException.badRequest("Multistatements aren't supported");
      }
    }

    private void copyTo(int end) {
      jdbc.append(sql, at, end);
      at = end;
    }

    /** Comments nest in Postgres. */
    private int endOfComment() {
      int depth = 0;
      int i = at;
      while (i < sql.length()) {
        if (sql.startsWith("/*", i)) {
          depth++;
          i += 2;
        } else if (sql.startsWith("*/", i)) {
          depth--;
          i += 2;
          if (depth == 0) {
            return i;
          }
        } else {
          i++;
        }
      }
      return sql.length();
    }

    /** A doubled quote closes one text and opens the next, which amounts to the same. */
    private int endOfQuoted(char quote, boolean backslashes) {
      for (int i = at + 1; i < sql.length(); i++) {
        char c = sql.charAt(i);
        if (backslashes && c == '\\') {
          i++;
        } else if (c == quote) {
          return i + 1;
        }
      }
      return sql.length();
    }

    private boolean isEscapeString() {
      boolean marked = at > 0 && (sql.charAt(at - 1) == 'E' || sql.charAt(at - 1) == 'e');
      return marked && (at == 1 || !isNamePart(sql.charAt(at - 2)));
    }

    private int endOfDollarQuoted() {
      int i = at + 1;
      while (i < sql.length() && isNamePart(sql.charAt(i)) && sql.charAt(i) != '$') {
        i++;
      }
      boolean isTag =
          i < sql.length()
              && sql.charAt(i) == '$'
              && (i == at + 1 || isNameStart(sql.charAt(at + 1)));
      if (!isTag) {
        return at;
      }
      String tag = sql.substring(at, i + 1);
      return endOr(sql.indexOf(tag, i + 1), tag.length());
    }

    private int endOr(int found, int length) {
      return found < 0 ? sql.length() : found + length;
    }

    private static boolean isNameStart(char c) {
      return Character.isLetter(c) || c == '_';
    }

    private static boolean isNamePart(char c) {
      return Character.isLetterOrDigit(c) || c == '_' || c == '$';
    }
  }
}
