package dev.sheaf.repository.git;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import java.io.IOException;
import java.util.Collection;
import java.util.function.BooleanSupplier;
import org.eclipse.jgit.errors.MissingObjectException;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.revwalk.ObjectWalk;
import org.eclipse.jgit.revwalk.RevBlob;
import org.eclipse.jgit.revwalk.RevObject;

/** Whether a repository has all that its refs lead to. */
final class Connected {
  private static final int OBJECTS_A_LOOK = 1_000;

  private final BooleanSupplier isOver;
  private int seen;

  /**
   * @param isOver asked now and then
   */
  Connected(BooleanSupplier isOver) {
    this.isOver = isOver;
  }

  /**
   * Walks from these objects to the last blob.
   *
   * @throws SheafException of kind UNAVAILABLE when time does not suffice
   */
  boolean from(Repository repository, Collection<ObjectId> tips) {
    try (ObjectWalk walk = new ObjectWalk(repository)) {
      walk.setRetainBody(false);
      for (ObjectId tip : tips) {
        walk.markStart(walk.parseAny(tip));
      }
      while (walk.next() != null) {
        look();
      }
      for (RevObject object = walk.nextObject(); object != null; object = walk.nextObject()) {
        look();
        // Trees are read by the walk, blobs are not.
        if (object instanceof RevBlob && !walk.getObjectReader().has(object)) {
          return false;
        }
      }
      return true;
    } catch (MissingObjectException e) {
      return false;
    } catch (IOException e) {
      throw new SheafException(
          ErrorKind.UNAVAILABLE, "an object cannot be read: " + e.getMessage(), e);
    }
  }

  private void look() {
    if (++seen % OBJECTS_A_LOOK == 0 && isOver.getAsBoolean()) {
      throw new SheafException(
          ErrorKind.UNAVAILABLE, "there is no time to walk all of its history");
    }
  }
}
