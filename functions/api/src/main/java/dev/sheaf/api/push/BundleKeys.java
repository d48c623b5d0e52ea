package dev.sheaf.api.push;

import dev.sheaf.api.http.Fields;
import dev.sheaf.bundle.ContentId;

/** How requests name a bundle. */
final class BundleKeys {
  private BundleKeys() {}

  /** The field {@code bundle_key}, or {@code bundle_id} as some clients call it. */
  static ContentId required(Fields fields) {
    return ContentId.parse(
        fields.optionalText("bundle_id").orElseGet(() -> fields.text("bundle_key")));
  }
}
