package dev.sheaf.repository;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import java.util.List;
import java.util.stream.Collectors;

/** A push that would move a branch or tag where its rule does not allow; nothing was changed. */
public final class NotFastForwardException extends SheafException {
  private final transient List<BranchMoves.Rejection> rejections;

  public NotFastForwardException(List<BranchMoves.Rejection> rejections) {
    super(ErrorKind.CONFLICT, message(rejections));
    this.rejections = List.copyOf(rejections);
  }

  /** What may not move. */
  public List<BranchMoves.Rejection> rejections() {
    return rejections;
  }

  private static String message(List<BranchMoves.Rejection> rejections) {
    return rejections.stream()
        .limit(10)
        .map(r -> "'" + r.ref() + "' is at " + r.present() + ", which " + r.wanted() + " leaves")
        .collect(Collectors.joining("; ", "not a fast-forward: ", "; fetch and merge first"));
  }
}
