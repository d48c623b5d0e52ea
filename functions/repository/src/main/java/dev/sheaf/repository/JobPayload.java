package dev.sheaf.repository;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a job has to know beyond its bundle.
 *
 * @param sizeBytes length of the bundle on the wire, as far as the sender knew; 0 when unknown
 * @param moved branches that the push has moved already, with the heads that it gave them; empty
 *     for an upload that nobody announced: the job then moves the bundle's own branches
 * @param previous the heads of those branches before the move; a branch that did not exist is
 *     absent
 * @param force whether the push may move tags and branches anywhere
 * @param uploadId what tells one upload of a bundle from the next (S3's sequencer); null when the
 *     job was not made from an upload's event
 */
public record JobPayload(
    long sizeBytes,
    Map<String, String> moved,
    Map<String, String> previous,
    boolean force,
    @Nullable String uploadId) {

  public JobPayload {
    moved = Map.copyOf(moved);
    previous = Map.copyOf(previous);
  }

  /** The payload of a job that an upload set off. */
  public static JobPayload ofUpload(long sizeBytes, String uploadId) {
    return new JobPayload(sizeBytes, Map.of(), Map.of(), false, uploadId);
  }
}
