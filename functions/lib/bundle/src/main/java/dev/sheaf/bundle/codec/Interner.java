package dev.sheaf.bundle.codec;

import dev.sheaf.bundle.ContentId;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * Makes equal paths and equal ids one instance: snapshots repeat both hundreds of times. A bundle
 * of full manifests with 360,000 entries may name 5,000 objects. Lives as long as one bundle is
 * being read.
 */
final class Interner {
  private final Map<String, String> texts = new HashMap<>();
  private final Function<String, ContentId> ids;

  /**
   * @param ids how text becomes an id
   */
  Interner(Function<String, ContentId> ids) {
    this.ids = ids;
  }

  /** Parses ids and shares equal ones. */
  static Function<String, ContentId> sharing() {
    Map<ContentId, ContentId> seen = new HashMap<>();
    return text -> {
      ContentId id = ContentId.parse(text);
      ContentId earlier = seen.putIfAbsent(id, id);
      return earlier == null ? id : earlier;
    };
  }

  /** The first instance of a path, a mode, or an id that is a text. */
  String text(String text) {
    String earlier = texts.putIfAbsent(text, text);
    return earlier == null ? text : earlier;
  }

  /** The id of an object. */
  ContentId id(String text) {
    return ids.apply(text);
  }
}
