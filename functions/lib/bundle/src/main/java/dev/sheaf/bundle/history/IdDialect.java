package dev.sheaf.bundle.history;

import dev.sheaf.bundle.ContentId;

/** The two spellings of ids (bundle.md section 2). */
public enum IdDialect {
  /** {@code sha256:} and 64 hex digits: the bundle dialect. */
  PREFIXED,
  /** 64 hex digits: the dialect of the {@code muse} client. */
  BARE;

  /** The dialect that an id is written in. */
  public static IdDialect of(String id) {
    return id.startsWith("sha256:") ? PREFIXED : BARE;
  }

  /** Writes a hash in this dialect. */
  public String write(ContentId id) {
    return this == PREFIXED ? id.prefixed() : id.hex();
  }
}
