package dev.sheaf.repository;

import org.jspecify.annotations.Nullable;

/**
 * What a job has to know beyond its bundle.
 *
 * @param announced whether a client has announced the push: its branches were moved then, and the
 *     job moves none. For an upload that nobody announced the job moves the bundle's own branches
 * @param force whether the push may move tags and branches anywhere
 * @param uploadId what tells one upload of a bundle from the next (S3's sequencer); null when the
 *     job was not made from an upload's event
 */
public record JobPayload(boolean announced, boolean force, @Nullable String uploadId) {
  /** The payload of a job that an upload set off. */
  public static JobPayload ofUpload(String uploadId) {
    return new JobPayload(false, false, uploadId);
  }
}
