package dev.sheaf.api.http;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The two forms of a document on the wire. */
enum Format {
  MSGPACK("application/x-msgpack", true),
  JSON("application/json", false);

  private static final Map<String, Format> BY_TYPE =
      Map.of(
          MSGPACK.mediaType,
          MSGPACK,
          "application/msgpack",
          MSGPACK,
          "application/vnd.msgpack",
          MSGPACK,
          JSON.mediaType,
          JSON);

  /** The media type that answers carry. */
  final String mediaType;

  /** Whether a gateway has to carry it as base64. */
  final boolean binary;

  Format(String mediaType, boolean binary) {
    this.mediaType = mediaType;
    this.binary = binary;
  }

  /** The format of a {@code Content-Type}, if it is one of ours. */
  static Optional<Format> ofContentType(String contentType) {
    return Optional.ofNullable(BY_TYPE.get(withoutParameters(contentType)));
  }

  /**
   * The format of an answer: what {@code Accept} weighs highest, of equals the one named first;
   * where it leaves both open, the one that the request's body came in; else JSON.
   */
  static Format ofAnswer(Request request) {
    Format best = null;
    double bestWeight = 0;
    for (String range : request.header("Accept").orElse("*/*").split(",", -1)) {
      Optional<Format> named = ofContentType(range);
      double weight = weight(range);
      if (named.isPresent() && weight > bestWeight) {
        best = named.get();
        bestWeight = weight;
      }
    }
    if (best != null) {
      return best;
    }
    return request.header("Content-Type").flatMap(Format::ofContentType).orElse(JSON);
  }

  private static String withoutParameters(String type) {
    int end = type.indexOf(';');
    return (end < 0 ? type : type.substring(0, end)).strip().toLowerCase(Locale.ROOT);
  }

  private static double weight(String range) {
    for (String parameter : range.split(";", -1)) {
      String text = parameter.strip();
      if (text.startsWith("q=")) {
        try {
          return Double.parseDouble(text.substring(2));
        } catch (NumberFormatException e) {
          return 0;
        }
      }
    }
    return 1;
  }
}
