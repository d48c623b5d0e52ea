package dev.sheaf.api.mwp;

import dev.sheaf.api.http.HttpFailure;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.repository.NotFastForwardException;
import dev.sheaf.repository.intake.Pushes;
import java.util.function.Supplier;

/** What a client is told of a push that was not taken in. */
final class PushFailures {
  private PushFailures() {}

  /** Runs a push; a conflict between two of them is not told as a branch that has moved on. */
  static Pushes.Result translated(Supplier<Pushes.Result> push) {
    try {
      return push.get();
    } catch (NotFastForwardException e) {
      throw HttpFailure.conflict("non_fast_forward", String.valueOf(e.getMessage()));
    } catch (SheafException e) {
      if (e.kind() == ErrorKind.CONFLICT) {
        // Two transactions got in each other's way. A client would take a 409 for a diverged
        // branch.
        throw HttpFailure.busy("another push was in the way, and this one changed nothing", 1);
      }
      throw e;
    }
  }
}
