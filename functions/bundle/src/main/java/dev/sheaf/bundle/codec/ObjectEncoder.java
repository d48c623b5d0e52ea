package dev.sheaf.bundle.codec;

import java.io.IOException;

/**
 * Compresses objects for the wire, one after the other; each is encoded against the one before it
 * where the caller says so and the chain rules of bundle.md section 11.12 allow it. Never makes
 * what {@link Limits#DEFAULT} would refuse to inflate: such an object stays raw.
 *
 * <p>Not thread-safe: use one per thread and give the encoded groups to one {@link BundleWriter}.
 */
public final class ObjectEncoder implements AutoCloseable {
  /**
   * @param level zstd level, 1 to 22
   * @param chains whether to make chains; false for bundles that foreign readers must understand
   */
  public ObjectEncoder(int level, boolean chains) {
    dev.sheaf.bundle.Pending.value(level, chains);
  }

  /**
   * Encodes the next object. The result must follow directly on the previous result in the bundle
   * when its encoding is {@link Encoding#ZSTD_CHAIN}.
   *
   * @param resemblesPrevious whether the object given before is likely to be similar, such as
   *     another version of the same file
   */
  public WireObject encode(RawObject object, boolean resemblesPrevious) throws IOException {
    return dev.sheaf.bundle.Pending.value();
  }

  @Override
  public void close() {}
}
