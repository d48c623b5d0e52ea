package dev.sheaf.repair;

import java.util.Locale;

/** What a cycle counts, by the names under which it is reported. */
public enum Counter {
  TOTAL_CHECKED,
  ALREADY_HAVE,
  /** Those of them that have come back with another one, and are not looked at again. */
  REPAIR_DEDUPED,
  REPAIR_KNOWN_PRESENT,
  /** Keys found in the listing. */
  PRESENCE_INDEX_HIT,
  /** Keys not found in the listing. */
  PRESENCE_INDEX_MISS,
  /** Keys in the listing; set, not added up. */
  PRESENCE_INDEX_ENTRIES,
  PRESENCE_INDEX_BUILD_FAIL,
  /** Ranges of objects that are over, of a bucket that is too large for one invocation. */
  RANGES,
  /** Keys that earlier invocations have listed and gone through, and later ones do not list. */
  KEYS_LISTED_BEFORE,
  LIST_REQUESTS,
  /** HEADs that confirmed or refuted a miss. */
  HEAD_CONFIRM,
  /** HEADs in place of a listing. */
  HEAD_INSTEAD_OF_LIST,
  READ_ATTRS_FAIL,
  READ_BLOB_FAIL,
  VALIDATE_READ_FAIL,
  /** Bytes that were read whole to prove them. */
  VALIDATED_BYTES,
  /** Of what was read in turn. */
  SCRUBBED_BYTES,
  DELETE_INVALID_NEEDED,
  DELETE_INVALID_SUCCESS,
  DELETE_INVALID_FAIL,
  /** Those of them that were copied aside before. */
  DAMAGED_KEPT,
  /** Bundles that are not here, and that other sites are to have. */
  NOT_PLACED,
  /** Bundles that are here, and that only other sites are to have. */
  DELETE_OVER_REPLICATED_NEEDED,
  DELETE_OVER_REPLICATED_SUCCESS,
  DELETE_OVER_REPLICATED_FAIL,
  /**
   * Those of them that stay: not all sites that are to have it say that they do, or it is in use.
   */
  DELETE_OVER_REPLICATED_KEPT,
  /** Things that are missing and that this site is to have. */
  PULL_MINE_NEEDED,
  /** Those of them that were asked for once more, since a peer had been busy. */
  PULL_MINE_AGAIN,
  PULL_MINE_FAIL,
  PULL_MINE_SUCCESS,
  /** Answers by which a peer asks to be left alone for a while (503, 507). */
  PULL_PEER_BUSY,
  /** Objects and git packs that came back out of bundles. */
  REMADE_FROM_BUNDLE,
  /** Bundles that were read at peers, since they are not here. */
  BUNDLES_READ_AT_PEERS,
  /** Indexes and bitmaps of git packs that were made anew, or given up until the next fold. */
  DERIVED_REMADE,
  /** Packs of peers that were taken, since they may hold what lost git packs held. */
  GIT_PACKS_TAKEN,
  /** Lost git packs that are done without: all that refs lead to is in others. */
  GIT_PACKS_REPLACED,
  /** Merged bundles that were gone, damaged or nobody's, and are made anew or go. */
  MERGES_MENDED,
  /** Prepared answers that were forgotten, since they are gone. */
  PACKS_FORGOTTEN,
  /** ETags noted after a proof. */
  ETAGS_NOTED,
  /** What is not tried, since three attempts at it never came back. */
  PASSED_OVER,
  /** Missing things that were left for a later cycle, since they failed lately. */
  LOST_LEFT_ALONE,
  LOST_DECLARED,
  /** Repositories of which it was written down what only the catalog knows. */
  RECORDS_WRITTEN,
  LOST_RECOVERED,
  /** Objects in the bucket that the catalog does not know. */
  SURPLUS_OBJECTS,
  SURPLUS_BYTES,
  /** Deletes refused, since something else was there by then. */
  DELETE_CONFLICT;

  /** The name in reports: {@code pull_mine_needed}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
