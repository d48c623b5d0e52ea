package dev.sheaf.localstack.embedded;

import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The command line of {@link EmbeddedMain}.
 *
 * @param data where to keep everything; null keeps it in memory
 * @param port of the API; 0 for any
 * @param s3Port of S3; 0 for any
 * @param json print one line of JSON in place of text
 */
record EmbeddedOptions(@Nullable Path data, int port, int s3Port, boolean json, boolean help) {
  static final String USAGE =
      """
      Usage: localstack/up [--data DIR] [--port P] [--s3-port P] [--json]
        --data DIR     keep everything in DIR; without it all is in memory, and gone at the end
        --port P       port of the HTTP API (default 8420; 0 for any that is free)
        --s3-port P    port of S3 (default: any that is free)
        --json         print one line of JSON in place of text\
      """;

  private static final int DEFAULT_PORT = 8420;

  /**
   * Reads the arguments.
   *
   * @throws IllegalArgumentException that says which is wrong
   */
  static EmbeddedOptions parse(String... args) {
    Path data = null;
    int port = DEFAULT_PORT;
    int s3Port = 0;
    boolean json = false;
    boolean help = false;
    Iterator<String> rest = List.of(args).iterator();
    while (rest.hasNext()) {
      String option = rest.next();
      switch (option) {
        case "--data" -> data = Path.of(value(option, rest)).toAbsolutePath().normalize();
        case "--port" -> port = port(option, value(option, rest));
        case "--s3-port" -> s3Port = port(option, value(option, rest));
        case "--json" -> json = true;
        case "--help", "-h" -> help = true;
        default -> throw new IllegalArgumentException("unknown argument '" + option + "'");
      }
    }
    return new EmbeddedOptions(data, port, s3Port, json, help);
  }

  private static String value(String option, Iterator<String> rest) {
    if (!rest.hasNext()) {
      throw new IllegalArgumentException(option + " needs a value");
    }
    return rest.next();
  }

  private static int port(String option, String text) {
    try {
      int port = Integer.parseInt(text);
      if (port >= 0 && port <= 65_535) {
        return port;
      }
    } catch (NumberFormatException e) {
      // as for one that is out of range
    }
    throw new IllegalArgumentException(option + " needs a number from 0 to 65535, not " + text);
  }
}
