package dev.sheaf.repair.presence;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ObjectKeys;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A part of the objects, in the order of their ids: a bucket of any size is gone through one after
 * the other, each small enough for the memory of a function.
 *
 * @param after the ids behind this one; null from the first on
 * @param last the ids up to this one, itself included; null to the end
 */
public record Range(@Nullable ContentId after, @Nullable ContentId last) {
  /** All objects. */
  public static final Range ALL = new Range(null, null);

  /** One more than the greatest number that the first four bytes of an id make. */
  private static final long PREFIXES = 1L << Integer.SIZE;

  /** Whether an id is in it. */
  public boolean holds(ContentId id) {
    return (after == null || id.compareTo(after) > 0) && (last == null || id.compareTo(last) <= 0);
  }

  /** Where its keys begin: behind this one. */
  String afterKey() {
    return after == null ? ObjectKeys.OBJECTS : ObjectKeys.object(after);
  }

  /** Its keys come before this one; null for all to the end. */
  @Nullable String beforeKey() {
    return last == null ? null : ObjectKeys.object(last) + " ";
  }

  /**
   * A key that cuts it, where ids are spread evenly.
   *
   * @param part from 1 to {@code parts - 1}
   */
  String cut(int part, int parts) {
    long from = from();
    String hex = "%08x".formatted(from + (to() - from) * part / parts);
    return ObjectKeys.OBJECTS + hex.substring(0, 2) + "/" + hex;
  }

  /** Where it begins, when all objects are cut into so many equal parts. */
  public int from(int parts) {
    return (int) (from() * parts / PREFIXES);
  }

  /** The part before which it ends: greater than that in which it begins. */
  public int to(int parts) {
    return (int) Math.min(parts, to() * parts / PREFIXES + 1);
  }

  private long from() {
    return after == null ? 0 : prefix(after);
  }

  private long to() {
    return last == null ? PREFIXES : prefix(last) + 1;
  }

  private static long prefix(ContentId id) {
    return Integer.toUnsignedLong(ByteBuffer.wrap(id.toBytes()).getInt());
  }
}
