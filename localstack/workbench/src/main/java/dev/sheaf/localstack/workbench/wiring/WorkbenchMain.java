package dev.sheaf.localstack.workbench.wiring;

import dev.sheaf.cli.wiring.Main;
import dev.sheaf.localstack.workbench.Workbench;

/** The process. */
public final class WorkbenchMain {
  private WorkbenchMain() {}

  /** Runs one command and ends the process with its exit code. */
  public static void main(String[] args) {
    Main.run(environment -> Workbench.run(environment, args));
  }
}
