package dev.sheaf.infra;

import java.nio.file.Path;
import software.amazon.awscdk.App;

/** What {@code cdk synth} and {@code cdk deploy} run. */
public final class SheafApp {
  private SheafApp() {}

  /**
   * @param args the root of the project, where the function archives were built
   */
  public static void main(String[] args) {
    App app = new App();
    try {
      new SheafStack(app, Site.from(app.getNode()), Archives.under(Path.of(args[0])));
    } catch (InvalidContextException | MissingArchiveException e) {
      // The CDK command prints this and nothing else; a stack trace would bury it.
      System.err.println(e.getMessage());
      System.exit(1);
    }
    app.synth();
  }
}
