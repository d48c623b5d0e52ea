package dev.sheaf.api.push;

import dev.sheaf.api.http.Document;
import dev.sheaf.bundle.ContentId;
import java.util.Optional;

/** How requests name a bundle. */
final class BundleKeys {
  private BundleKeys() {}

  /** The field {@code bundle_key}, or {@code bundle_id} as some clients call it. */
  static ContentId required(Document fields) {
    return optional(fields).orElseGet(() -> ContentId.parse(fields.text("bundle_key")));
  }

  /** As {@link #required}; empty when neither is there. */
  static Optional<ContentId> optional(Document fields) {
    return fields
        .optionalText("bundle_id")
        .or(() -> fields.optionalText("bundle_key"))
        .map(ContentId::parse);
  }
}
