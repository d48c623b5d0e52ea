package dev.sheaf.repair.presence;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rows of comma-separated values (RFC 4180), each cell in quotes or plain. A row ends with its
 * line: keys in an inventory are URL-encoded, so that no cell has a line break.
 */
final class CsvRows implements Closeable {
  private final BufferedReader lines;

  CsvRows(InputStream in) {
    this.lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8), 1 << 16);
  }

  /** The next row; null at the end. */
  @Nullable List<String> next() throws IOException {
    String line = lines.readLine();
    return line == null ? null : cells(line);
  }

  private static List<String> cells(String line) {
    List<String> cells = new ArrayList<>();
    int from = 0;
    while (from <= line.length()) {
      boolean isQuoted = from < line.length() && line.charAt(from) == '"';
      int end = isQuoted ? closing(line, from) : comma(line, from);
      String cell = isQuoted ? line.substring(from + 1, end) : line.substring(from, end);
      cells.add(isQuoted ? cell.replace("\"\"", "\"") : cell);
      from = (isQuoted ? end + 1 : end) + 1;
    }
    return cells;
  }

  private static int comma(String line, int from) {
    int comma = line.indexOf(',', from);
    return comma < 0 ? line.length() : comma;
  }

  private static int closing(String line, int opening) {
    int at = opening + 1;
    while (at < line.length()) {
      if (line.charAt(at) != '"') {
        at++;
      } else if (at + 1 < line.length() && line.charAt(at + 1) == '"') {
        at += 2;
      } else {
        return at;
      }
    }
    throw new ListingException("the inventory has a line without its closing quote: " + line);
  }

  @Override
  public void close() throws IOException {
    lines.close();
  }
}
