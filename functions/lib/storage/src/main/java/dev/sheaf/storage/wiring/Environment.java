package dev.sheaf.storage.wiring;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Environment variables, read with errors that name them. An empty value counts as unset. */
final class Environment {
  private final Map<String, String> variables;

  Environment(Map<String, String> variables) {
    this.variables = variables;
  }

  Optional<String> text(String name) {
    return Optional.ofNullable(variables.get(name)).map(String::strip).filter(v -> !v.isEmpty());
  }

  String required(String name, String whatItIs) {
    return text(name)
        .orElseThrow(() ->
            new SheafException(
                ErrorKind.INVALID,
                "environment variable " + name + " is not set; it holds " + whatItIs));
  }

  long number(String name, long byDefault, long least, long most) {
    return text(name)
        .map(value ->
            parse(
                name,
                value,
                "a whole number from " + least + " to " + most,
                text -> {
                  long number = Long.parseLong(text);
                  if (number < least || number > most) {
                    throw new IllegalArgumentException("out of range");
                  }
                  return number;
                }))
        .orElse(byDefault);
  }

  Optional<URI> uri(String name) {
    return text(name)
        .map(value -> parse(name, value, "an http or https URL", Environment::httpUri));
  }

  /** Reads a value, turning whatever the parser throws into an error that names the variable. */
  static <T> T parse(String name, String value, String expected, Function<String, T> parser) {
    try {
      return parser.apply(value);
    } catch (IllegalArgumentException e) {
      throw new SheafException(
          ErrorKind.INVALID,
          "environment variable " + name + " is '" + value + "'; expected " + expected,
          e);
    }
  }

  static URI httpUri(String value) {
    URI uri = URI.create(value);
    boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
    if (!http || uri.getHost() == null) {
      throw new IllegalArgumentException("not an http URL");
    }
    return uri;
  }
}
