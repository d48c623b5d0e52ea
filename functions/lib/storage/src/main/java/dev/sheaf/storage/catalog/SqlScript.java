package dev.sheaf.storage.catalog;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Splits a file of SQL into statements: the Data API takes one a request. */
final class SqlScript {
  /** Whatever a semicolon may hide in: line comment, dollar quotes, string, quoted name. */
  private static final Pattern TOKEN =
      Pattern.compile(
          "(?<comment>--[^\n]*)|(?<quoted>(?s:\\$(\\w*)\\$.*?\\$\\3\\$)|'[^']*'|\"[^\"]*\")|(?<end>;)");

  private SqlScript() {}

  /** The statements in order, without comments and semicolons, none empty. */
  static List<String> statements(String script) {
    List<String> statements = new ArrayList<>();
    StringBuilder current = new StringBuilder();
    Matcher matcher = TOKEN.matcher(script);
    int copied = 0;
    while (matcher.find()) {
      current.append(script, copied, matcher.start());
      copied = matcher.end();
      if (matcher.group("end") != null) {
        flush(current, statements);
      } else if (matcher.group("quoted") != null) {
        current.append(matcher.group());
      }
    }
    flush(current.append(script, copied, script.length()), statements);
    return List.copyOf(statements);
  }

  private static void flush(StringBuilder current, List<String> statements) {
    if (!current.toString().isBlank()) {
      statements.add(current.toString().strip());
    }
    current.setLength(0);
  }
}
