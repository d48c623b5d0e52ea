package dev.sheaf.repository.intake;

/**
 * An attempt ends before its time is up. What it stored is written down: the next one passes it
 * over.
 */
public final class OutOfTimeException extends RuntimeException {
  private static final long serialVersionUID = 1;

  OutOfTimeException(int objects) {
    super("out of time after storing " + objects + " objects; another attempt goes on from there");
  }
}
