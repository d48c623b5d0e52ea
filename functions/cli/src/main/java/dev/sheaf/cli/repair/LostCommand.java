package dev.sheaf.cli.repair;

import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.cli.process.Environment;
import dev.sheaf.cli.process.Visible;
import dev.sheaf.repair.DamagedCopies;
import dev.sheaf.repair.LossLedger;
import dev.sheaf.repository.CatalogSchema;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.wiring.Site;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code sheaf repair lost}. */
@Command(
    name = "lost",
    description = "List what is missing: what is still looked for, and what was declared lost.",
    mixinStandardHelpOptions = true)
final class LostCommand implements Callable<Integer> {
  private final Environment environment;

  LostCommand(Environment environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() {
    Site site = Site.from(environment.variables());
    Catalog catalog = site.catalog();
    CatalogSchema.migrations().apply(catalog);
    List<LossLedger.Entry> lost = new LossLedger(catalog).all();
    if (lost.isEmpty()) {
      environment.out().println("nothing is missing");
      return 0;
    }
    Set<String> damaged = DamagedCopies.kept(site.objects());
    lost.forEach(entry -> {
      environment.out().println(Visible.line(text(entry)));
      if (damaged.contains(entry.key())) {
        String kept = "  what there was of it is damaged, and kept as ";
        environment.out().println(Visible.line(kept + ObjectKeys.damaged(entry.key())));
      }
    });
    return 0;
  }

  private static String text(LossLedger.Entry entry) {
    String state =
        entry.declaredAt().map(at -> "lost, declared " + at).orElse("missing, looked for");
    return "%s: %s; first missed %s, %d attempts, next after %s: %s"
        .formatted(
            entry.key(),
            state,
            entry.firstFailedAt(),
            entry.failedCycles(),
            entry.tryAfter(),
            entry.reason());
  }
}
