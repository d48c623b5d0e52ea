package dev.sheaf.repository;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A push that builds on where a branch or tag was, while another push has moved it on; nothing was
 * changed. Whether the push would be a fast-forward is not said.
 */
public final class MovedOnException extends SheafException {
  private final transient List<BranchMoves.Rejection> rejections;

  public MovedOnException(List<BranchMoves.Rejection> rejections) {
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
        .map(r -> "'" + r.ref() + "' is at " + r.present() + " by another push")
        .collect(
            Collectors.joining(
                "; ",
                "moved on since this push began: ",
                "; look at what came, and name where it is now in expected_heads"));
  }
}
