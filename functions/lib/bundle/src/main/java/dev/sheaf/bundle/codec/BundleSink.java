package dev.sheaf.bundle.codec;

import dev.sheaf.bundle.history.Commit;
import dev.sheaf.bundle.history.Snapshot;
import dev.sheaf.bundle.msgpack.PackedMap;
import java.io.IOException;

/**
 * Receives the parts of a bundle in the order of the file, which may be any. All calls come from
 * the thread that reads. An id may come twice: {@link HistoryCollector} tells a repetition from a
 * contradiction, and of two objects with one id either will do.
 */
public interface BundleSink {
  /** One commit. */
  default void commit(Commit commit) throws IOException {}

  /** One snapshot. */
  default void snapshot(Snapshot snapshot) throws IOException {}

  /** The next object; the sink owns and closes it. */
  default void object(ReceivedObject object) throws IOException {
    object.close();
  }

  /** One branch and the id of its head commit. */
  default void branchHead(String branch, String commitId) throws IOException {}

  /** One tag of the muse client, untouched. */
  default void tag(PackedMap tag) throws IOException {}

  /** The advisory data of the bundle. */
  default void meta(PackedMap meta) throws IOException {}
}
