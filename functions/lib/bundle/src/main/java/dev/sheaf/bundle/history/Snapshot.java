package dev.sheaf.bundle.history;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.msgpack.PackedMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One snapshot as the wire has it: a whole manifest, or what changed since another one.
 *
 * <p>Applying a delta: drop {@code removed}, then set {@code entries}.
 *
 * @param snapshotId its id, an opaque string of at most 128 characters
 * @param full whether {@code entries} are the whole manifest
 * @param parentId what a delta builds on; null: on nothing. A full snapshot may name one, unused
 * @param entries path to object: the manifest, or the delta's upserts
 * @param removed paths that a delta drops; empty for a full snapshot
 * @param extra every other key, known ({@code created_at}, {@code directories}) or not, untouched
 */
public record Snapshot(
    String snapshotId,
    boolean full,
    @Nullable String parentId,
    Map<String, ContentId> entries,
    List<String> removed,
    PackedMap extra) {

  /** A snapshot that needs no other. */
  public static Snapshot full(String snapshotId, Manifest manifest) {
    return new Snapshot(snapshotId, true, null, manifest.objects(), List.of(), PackedMap.EMPTY);
  }

  /**
   * The delta that turns one manifest into another; costs one look-up an entry of either.
   *
   * @param parentId id of the snapshot whose manifest is {@code base}; null when base is empty
   */
  public static Snapshot delta(
      String snapshotId, @Nullable String parentId, Manifest base, Manifest next) {
    return SnapshotDelta.between(snapshotId, parentId, base, next);
  }

  /** The same snapshot with other {@code extra} keys. */
  public Snapshot withExtra(PackedMap replacement) {
    return new Snapshot(snapshotId, full, parentId, entries, removed, replacement);
  }

  /** When it was made, verbatim; null when the writer gave none. */
  public @Nullable String createdAt() {
    return extra.get("created_at") instanceof String text ? text : null;
  }
}
