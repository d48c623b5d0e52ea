package dev.sheaf.api.http;

import dev.sheaf.bundle.RefName;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How answers name git refs: by text where their bytes are UTF-8, else by base64. */
public final class RefNames {
  private RefNames() {}

  /** Puts a name under {@code field}, or under {@code field_b64}. */
  public static void put(Map<String, @Nullable Object> fields, String field, RefName name) {
    name.text()
        .ifPresentOrElse(
            text -> fields.put(field, text), () -> fields.put(field + "_b64", name.base64()));
  }
}
