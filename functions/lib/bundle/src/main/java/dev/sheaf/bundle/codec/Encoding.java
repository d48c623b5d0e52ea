package dev.sheaf.bundle.codec;

import org.jspecify.annotations.Nullable;

/** How an object's content travels. */
public enum Encoding {
  /** As it is; on the wire an absent, nil or empty {@code encoding}, or {@code raw}. */
  RAW(null),
  /** zstd frames. */
  ZSTD("zstd");

  private final @Nullable String wireName;

  Encoding(@Nullable String wireName) {
    this.wireName = wireName;
  }

  /** The value of the key {@code encoding}; null when the key is left out. */
  @Nullable String wireName() {
    return wireName;
  }
}
