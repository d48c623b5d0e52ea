package dev.sheaf.cli;

import dev.sheaf.cli.process.Environment;
import java.lang.reflect.Constructor;
import picocli.CommandLine;

/** Makes commands; hands the environment to those whose constructor takes it. */
final class CommandFactory implements CommandLine.IFactory {
  private final Environment environment;

  CommandFactory(Environment environment) {
    this.environment = environment;
  }

  @Override
  public <K> K create(Class<K> type) throws Exception {
    try {
      Constructor<K> constructor = type.getDeclaredConstructor(Environment.class);
      constructor.setAccessible(true);
      return constructor.newInstance(environment);
    } catch (NoSuchMethodException e) {
      return CommandLine.defaultFactory().create(type);
    }
  }
}
