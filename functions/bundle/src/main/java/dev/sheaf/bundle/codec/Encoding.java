package dev.sheaf.bundle.codec;

/** How an object's content travels. */
public enum Encoding {
  /** As it is; on the wire an absent, nil or empty {@code encoding}, or {@code raw}. */
  RAW,
  /** zstd frames that need nothing else. */
  ZSTD,
  /** One zstd frame with the object before it as reference prefix (bundle.md section 11.12). */
  ZSTD_CHAIN
}
