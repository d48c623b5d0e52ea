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
 * @param sites how many sites run, each the others' peer
 * @param replication how many of them keep each muse bundle
 * @param json print one line of JSON in place of text
 */
record EmbeddedOptions(
    @Nullable Path data,
    int port,
    int s3Port,
    int sites,
    int replication,
    boolean json,
    boolean help) {
  static final String USAGE =
      """
      Usage: localstack/up [--data DIR] [--port P] [--s3-port P] [--sites N [--replication R]] [--json]
        --data DIR     keep everything in DIR; without it all is in memory, and gone at the end
        --port P       port of the HTTP API (default 8420; 0 for any that is free)
        --s3-port P    port of S3 (default: any that is free)
        --sites N      run N sites that are one another's peers, 2 to 9, on ports P, P+1, ...;
                       a site keeps the port that it has in DIR
        --replication R  so many of them keep each muse bundle (default 3)
        --json         print one line of JSON in place of text\
      """;

  private static final int DEFAULT_PORT = 8420;
  private static final int MOST_PORT = 65_535;

  /**
   * Reads the arguments.
   *
   * @throws IllegalArgumentException that says which is wrong
   */
  static EmbeddedOptions parse(String... args) {
    Path data = null;
    int port = DEFAULT_PORT;
    int s3Port = 0;
    int sites = 1;
    int replication = 3;
    boolean json = false;
    boolean help = false;
    Iterator<String> rest = List.of(args).iterator();
    while (rest.hasNext()) {
      String option = rest.next();
      switch (option) {
        case "--data" -> data = Path.of(value(option, rest)).toAbsolutePath().normalize();
        case "--port" -> port = port(option, value(option, rest));
        case "--s3-port" -> s3Port = port(option, value(option, rest));
        case "--sites" -> sites = number(option, value(option, rest), 1, EmbeddedSites.MOST);
        case "--replication" ->
            replication = number(option, value(option, rest), 1, EmbeddedSites.MOST);
        case "--json" -> json = true;
        case "--help", "-h" -> help = true;
        default -> throw new IllegalArgumentException("unknown argument '" + option + "'");
      }
    }
    return new EmbeddedOptions(data, port, s3Port, sites, replication, json, help);
  }

  private static String value(String option, Iterator<String> rest) {
    if (!rest.hasNext()) {
      throw new IllegalArgumentException(option + " needs a value");
    }
    return rest.next();
  }

  private static int port(String option, String text) {
    return number(option, text, 0, MOST_PORT);
  }

  private static int number(String option, String text, int least, int most) {
    try {
      int number = Integer.parseInt(text);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // as for one that is out of range
    }
    throw new IllegalArgumentException(
        "%s needs a number from %d to %d, not %s".formatted(option, least, most, text));
  }
}
