package dev.sheaf.infra;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * The values given as {@code -c sheaf:NAME=VALUE} or in {@code cdk.json}, each read with a check.
 * An empty value counts as not given. The prefix keeps them apart from the CDK's own, so that a
 * misspelt name is noticed.
 */
final class Context {
  static final String PREFIX = "sheaf:";

  private final Map<String, ?> values;
  private final TreeSet<String> read = new TreeSet<>();

  Context(Map<String, ?> values) {
    this.values = values;
  }

  /** A duration as the functions read it; empty when none was chosen. */
  Optional<String> duration(String name) {
    return text(name, "([0-9]{1,9}[dhms])+", "a duration such as 90d, 36h, 15m or 1h30m");
  }

  Optional<String> text(String name, String pattern, String whatItIs) {
    Optional<String> value = raw(name);
    value.ifPresent(text -> {
      if (!text.matches(pattern)) {
        throw invalid(name, text, whatItIs);
      }
    });
    return value;
  }

  String required(String name, String pattern, String whatItIs) {
    return text(name, pattern, whatItIs)
        .orElseThrow(() ->
            new InvalidContextException(
                "Context value " + PREFIX + name + " is not set; it holds " + whatItIs + "."));
  }

  String oneOf(String name, String byDefault, String... allowed) {
    String value = raw(name).orElse(byDefault);
    if (!Arrays.asList(allowed).contains(value)) {
      throw invalid(name, value, "one of " + String.join(", ", allowed));
    }
    return value;
  }

  boolean flag(String name, boolean byDefault) {
    return Boolean.parseBoolean(oneOf(name, Boolean.toString(byDefault), "true", "false"));
  }

  int whole(String name, int byDefault, int least, int most) {
    return (int) number(name, byDefault, least, most, "a whole number", "-?[0-9]{1,9}");
  }

  /** A whole number, or 0 for "never". */
  int days(String name, int byDefault, int least) {
    String what = "0 (never) or a number of days from " + least + " to 36500";
    int days = Integer.parseInt(text(name, "[0-9]{1,5}", what).orElse(Integer.toString(byDefault)));
    if (days != 0 && (days < least || days > 36_500)) {
      throw invalid(name, Integer.toString(days), what);
    }
    return days;
  }

  /** Aurora's capacity units come in halves. */
  double capacity(String name, double byDefault, double least) {
    return number(name, byDefault, least, 256, "a multiple of 0.5", "[0-9]{1,3}(\\.[05])?");
  }

  /** Refuses names that nothing has asked for. Call it last. */
  void refuseUnknown() {
    List<String> unknown = new ArrayList<>();
    for (String key : values.keySet()) {
      if (key.startsWith(PREFIX) && !read.contains(key.substring(PREFIX.length()))) {
        unknown.add(key);
      }
    }
    if (!unknown.isEmpty()) {
      throw new InvalidContextException(
          "Context value %s means nothing here; there are: %s."
              .formatted(String.join(", ", unknown), String.join(", ", names())));
    }
  }

  private List<String> names() {
    return read.stream().map(name -> PREFIX + name).toList();
  }

  private double number(
      String name, double byDefault, double least, double most, String kind, String pattern) {
    String what = "%s from %s to %s".formatted(kind, shortest(least), shortest(most));
    double value = text(name, pattern, what).map(Double::parseDouble).orElse(byDefault);
    if (value < least || value > most) {
      throw invalid(name, shortest(value), what);
    }
    return value;
  }

  private Optional<String> raw(String name) {
    read.add(name);
    return Optional.ofNullable(values.get(PREFIX + name))
        .map(value -> value.toString().strip())
        .filter(value -> !value.isEmpty());
  }

  private static String shortest(double value) {
    return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
  }

  static InvalidContextException invalid(String name, String value, String whatItIs) {
    return new InvalidContextException(
        "Context value %s%s is '%s'; it must be %s.".formatted(PREFIX, name, value, whatItIs));
  }
}
