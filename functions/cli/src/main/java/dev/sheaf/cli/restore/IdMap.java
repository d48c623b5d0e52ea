package dev.sheaf.cli.restore;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.cli.git.FixedWidthMap;
import java.nio.charset.StandardCharsets;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;
import org.jspecify.annotations.Nullable;

/** Ids in Sheaf and what they are in git, in some 60 bytes each. Thread-safe. */
final class IdMap {
  private final FixedWidthMap map = new FixedWidthMap(ContentId.LENGTH, Constants.OBJECT_ID_LENGTH);

  /** What the id is in git; null when it was not put. */
  synchronized @Nullable ObjectId get(ContentId id) {
    byte[] value = new byte[Constants.OBJECT_ID_LENGTH];
    return map.get(id.toBytes(), value) ? ObjectId.fromRaw(value) : null;
  }

  synchronized void put(ContentId id, ObjectId git) {
    byte[] value = new byte[Constants.OBJECT_ID_LENGTH];
    git.copyRawTo(value, 0);
    map.put(id.toBytes(), value);
  }

  /** {@link #get} for ids of commits and snapshots, which may be any text. */
  @Nullable ObjectId get(String id) {
    return get(key(id));
  }

  void put(String id, ObjectId git) {
    put(key(id), git);
  }

  private static ContentId key(String id) {
    return ContentId.isValid(id)
        ? ContentId.parse(id)
        : Ids.object(id.getBytes(StandardCharsets.UTF_8));
  }
}
