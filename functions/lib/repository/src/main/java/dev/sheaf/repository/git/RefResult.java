package dev.sheaf.repository.git;

import dev.sheaf.bundle.RefName;
import java.util.Locale;
import org.eclipse.jgit.lib.ObjectId;
import org.jspecify.annotations.Nullable;

/**
 * What became of one ref of a push.
 *
 * @param reason why it was rejected; null when it was not
 * @param present where the ref points now, where it was rejected for that; null when it is not
 *     there
 */
public record RefResult(
    RefName name, Status status, @Nullable Reason reason, @Nullable ObjectId present) {

  /** How an update ended. */
  public enum Status {
    /** As it was asked for. */
    OK,
    /** It was so already. */
    UNCHANGED,
    /** Nothing was changed. */
    REJECTED;

    /** The text on the wire. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Why an update did not take place. */
  public enum Reason {
    /** A branch would leave its history, or a ref of another kind would move, without force. */
    NON_FAST_FORWARD,
    /** The ref is not what the client believes. */
    STALE,
    /** The target is neither in the bundle nor in the repository. */
    MISSING_OBJECTS,
    /** A branch is to point to a commit. */
    NOT_A_COMMIT,
    /** git does not take this for the name of a ref. */
    BAD_NAME,
    /** Another ref lies below this name, or on the way to it. */
    CONFLICTS,
    /** The repository has as many refs as it may. */
    LIMIT,
    /** Another update of an atomic push was rejected. */
    ATOMIC;

    /** The text on the wire. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  static RefResult ok(RefName name) {
    return new RefResult(name, Status.OK, null, null);
  }

  static RefResult unchanged(RefName name) {
    return new RefResult(name, Status.UNCHANGED, null, null);
  }

  static RefResult rejected(RefName name, Reason reason, @Nullable ObjectId present) {
    return new RefResult(name, Status.REJECTED, reason, present);
  }

  /** Whether the update was asked for in vain. */
  public boolean isRejected() {
    return status == Status.REJECTED;
  }

  /** For people: {@code refs/heads/main: non_fast_forward, it is at 1234…}. */
  public String described() {
    String at = present == null ? "" : ", it is at " + present.name();
    return name + ": " + (reason == null ? status.text() : reason.text() + at);
  }
}
