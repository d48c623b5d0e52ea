package dev.sheaf.repair.presence;

import java.util.List;

/** Says of keys whether they are in the bucket. */
public interface Presence {
  /** Where these keys, all of one kind, stand; in their order. */
  List<Standing> of(Kind kind, List<String> keys);

  /**
   * Whether the answers come from a listing, so that a key that was written since may be missing in
   * them, and one that was deleted may not.
   */
  boolean isListed();
}
