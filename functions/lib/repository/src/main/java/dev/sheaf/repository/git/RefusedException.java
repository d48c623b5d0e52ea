package dev.sheaf.repository.git;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import java.util.List;
import java.util.stream.Collectors;

/** None of the refs of a push can be what it asks for; nothing was changed. */
final class RefusedException extends SheafException {
  private static final long serialVersionUID = 1;

  private final transient List<RefResult> results;

  RefusedException(List<RefResult> results) {
    super(ErrorKind.INVALID, message(results));
    this.results = List.copyOf(results);
  }

  List<RefResult> results() {
    return results;
  }

  private static String message(List<RefResult> results) {
    return results.stream()
        .filter(RefResult::isRejected)
        .limit(10)
        .map(RefResult::described)
        .collect(Collectors.joining("; ", "no ref was changed: ", "; fetch, and push again"));
  }
}
