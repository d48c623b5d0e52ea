package dev.sheaf.git;

import java.util.ArrayList;
import java.util.List;
import org.eclipse.jgit.errors.CorruptObjectException;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectChecker;
import org.eclipse.jgit.lib.ObjectId;

/**
 * What {@code git fsck} would say of objects, the first few: they are carried all the same, and
 * whoever pushes them is told.
 */
final class OddObjects {
  private static final int NAMED = 20;

  private final List<String> found = new ArrayList<>();

  void look(ObjectId id, int type, byte[] data) {
    if (type == Constants.OBJ_BLOB || found.size() == NAMED) {
      return;
    }
    try {
      // A new one each time: it remembers every tree that has a .gitmodules.
      new ObjectChecker().check(id, type, data);
    } catch (CorruptObjectException | IndexOutOfBoundsException e) {
      found.add("%s %s: %s".formatted(Constants.typeString(type), id.name(), e.getMessage()));
    }
  }

  List<String> found() {
    return List.copyOf(found);
  }
}
