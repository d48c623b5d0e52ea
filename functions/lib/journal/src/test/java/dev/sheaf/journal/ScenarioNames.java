package dev.sheaf.journal;

import java.lang.reflect.Method;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGenerator;

/** Shows tests under the scenario names of the specification: capitalised, without brackets. */
final class ScenarioNames extends DisplayNameGenerator.Standard {
  @Override
  public String generateDisplayNameForMethod(
      List<Class<?>> enclosing, Class<?> test, Method method) {
    String name = method.getName().replace("_", ""); // after names that Java keeps for itself
    return Character.toUpperCase(name.charAt(0)) + name.substring(1);
  }
}
