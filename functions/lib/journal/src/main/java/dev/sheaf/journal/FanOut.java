package dev.sheaf.journal;

import java.util.List;
import java.util.function.Consumer;

/** Does one thing for each element, several at a time; the first failure ends it. */
@FunctionalInterface
interface FanOut {
  /** Returns when all is done, or throws the first failure when nothing is running any more. */
  <T> void forEach(List<T> elements, Consumer<T> work);
}
