package dev.sheaf.infra;

import io.github.cdklabs.cdknag.AwsSolutionsChecks;
import java.nio.file.Path;
import software.amazon.awscdk.App;
import software.amazon.awscdk.Aspects;

/** What {@code cdk synth} and {@code cdk deploy} run. */
public final class SheafApp {
  private SheafApp() {}

  /**
   * @param args the root of the project, where the function archives were built
   */
  public static void main(String[] args) {
    App app = new App();
    try {
      addSite(app, Site.from(app.getNode()), Archives.under(Path.of(args[0])));
    } catch (InvalidContextException | MissingArchiveException e) {
      // The CDK command prints this and nothing else; a stack trace would bury it.
      System.err.println(e.getMessage());
      System.exit(1);
    }
    app.synth();
  }

  /** A finding of cdk-nag that no resource has accepted is an error, and nothing is deployed. */
  static SheafStack addSite(App app, Site site, Archives archives) {
    Aspects.of(app).add(new AwsSolutionsChecks());
    return new SheafStack(app, site, archives);
  }
}
