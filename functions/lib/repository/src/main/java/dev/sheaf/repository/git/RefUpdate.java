package dev.sheaf.repository.git;

import dev.sheaf.bundle.RefName;
import org.eclipse.jgit.lib.ObjectId;
import org.jspecify.annotations.Nullable;

/**
 * What a push asks for one ref.
 *
 * @param expected what the client believes the ref to be
 * @param target where it is to point; null to delete it
 * @param force whether a branch may leave its history, and any other ref that exists may move
 */
public record RefUpdate(RefName name, Expected expected, @Nullable ObjectId target, boolean force) {

  /** What a ref must be for an update to take place. */
  public sealed interface Expected {
    /** Whatever it is. */
    record Anything() implements Expected {}

    /** Not there. */
    record Absent() implements Expected {}

    /** Pointing there. */
    record At(ObjectId target) implements Expected {}
  }

  /** Moves or makes a ref, whatever it is now, by fast-forward. */
  public static RefUpdate forward(RefName name, ObjectId target) {
    return new RefUpdate(name, new Expected.Anything(), target, false);
  }
}
