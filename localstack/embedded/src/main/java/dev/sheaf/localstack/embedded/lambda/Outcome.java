package dev.sheaf.localstack.embedded.lambda;

/** How an invocation ended. */
public sealed interface Outcome {
  /**
   * The handler answered.
   *
   * @param json its answer, as Lambda hands it on
   */
  record Answer(String json) implements Outcome {}

  /**
   * The handler threw, ran out of time, or answered too much.
   *
   * @param type as Lambda reports it, such as {@code Sandbox.Timedout}
   */
  record Failure(String type, String message) implements Outcome {}
}
