package dev.sheaf.git;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import java.util.List;

/**
 * A pack builds on objects that its repository does not have. It may become good when they arrive:
 * callers decide whether to wait.
 */
public final class MissingObjectsException extends SheafException {
  /** Names some of the missing objects, and says who asked for them. */
  public MissingObjectsException(List<String> missing) {
    super(
        ErrorKind.INVALID,
        "%s; push what it builds on first, or a bundle that holds it"
            .formatted(String.join("; ", missing)));
  }
}
