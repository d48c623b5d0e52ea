package dev.sheaf.api.mwp;

import dev.sheaf.api.http.Document;
import dev.sheaf.bundle.ContentId;
import java.util.LinkedHashMap;
import java.util.Map;

/** Object ids as a client spells them: with {@code sha256:} in front or without. */
final class Spelled {
  private Spelled() {}

  /**
   * The ids of the field {@code object_ids}, each once, in their order, with the spelling in which
   * the answer names them.
   */
  static Map<ContentId, String> ids(Document fields, int max) {
    Map<ContentId, String> ids = new LinkedHashMap<>();
    for (String id : fields.texts("object_ids", max)) {
      ids.putIfAbsent(ContentId.parse(id), id);
    }
    return ids;
  }
}
