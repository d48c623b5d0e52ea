package dev.sheaf.bundle.check;

import dev.sheaf.bundle.ContentId;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * Remembers how each object id was spelled: one instance a spelling, so that an id that went
 * through deltas and manifests can still be traced to its text.
 */
final class Spellings implements Function<String, ContentId> {
  private final Map<String, ContentId> ids = new HashMap<>();
  private final IdentityHashMap<ContentId, String> texts = new IdentityHashMap<>();

  @Override
  public ContentId apply(String text) {
    return ids.computeIfAbsent(
        text,
        spelling -> {
          ContentId id = ContentId.parse(spelling);
          texts.put(id, spelling);
          return id;
        });
  }

  /** The text that this very instance was made from; the usual form for one from elsewhere. */
  String of(ContentId id) {
    return texts.getOrDefault(id, id.prefixed());
  }
}
