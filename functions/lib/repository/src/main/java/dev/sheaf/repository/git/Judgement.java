package dev.sheaf.repository.git;

import java.util.Map;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;
import org.jspecify.annotations.Nullable;

/**
 * What is known about the objects that a push is about.
 *
 * @param facts what those are that are here; an object without is not
 * @param forward whether steps of branches lead forward, as far as they were looked at
 * @param job a job that may still bring what is not here, and is to prove it; null for none
 */
record Judgement(Map<ObjectId, Facts> facts, Map<Step, Boolean> forward, @Nullable String job) {

  /**
   * What an object is.
   *
   * @param type one of {@link Constants}' {@code OBJ_} numbers
   * @param peeled what a tag leads to in the end; null where it is no tag
   */
  record Facts(int type, @Nullable ObjectId peeled) {
    boolean isCommit() {
      return type == Constants.OBJ_COMMIT;
    }
  }

  /** From where to where a branch is to go. */
  record Step(ObjectId from, ObjectId to) {}

  /** Nobody has looked yet: a job will. */
  static Judgement leftTo(String job) {
    return new Judgement(Map.of(), Map.of(), job);
  }
}
