package dev.sheaf.api.push;

import dev.sheaf.api.http.Document;
import dev.sheaf.bundle.ContentId;

/** How requests name a bundle. */
final class BundleKeys {
  private BundleKeys() {}

  /** The field {@code bundle_key}, or {@code bundle_id} as some clients call it. */
  static ContentId required(Document fields) {
    return ContentId.parse(
        fields.optionalText("bundle_id").orElseGet(() -> fields.text("bundle_key")));
  }
}
