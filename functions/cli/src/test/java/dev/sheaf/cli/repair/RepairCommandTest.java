package dev.sheaf.cli.repair;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.cli.fixtures.Run;
import dev.sheaf.localstack.servers.LocalServers;
import dev.sheaf.repository.CatalogSchema;
import dev.sheaf.repository.Repo;
import dev.sheaf.repository.Repos;
import dev.sheaf.repository.history.ObjectRows;
import dev.sheaf.storage.ObjectStore.Condition;
import dev.sheaf.storage.ObjectStore.PutResult;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.storage.wiring.Site;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a person reads of repair. */
class RepairCommandTest {
  private static final byte[] LONELY = "lonely".getBytes(StandardCharsets.UTF_8);
  private static final ContentId ID = Ids.object(LONELY);

  @TempDir private Path folder;
  private final Map<String, String> environment = new TreeMap<>();

  @BeforeEach
  void storeOneObject() throws IOException {
    environment.putAll(LocalServers.shared().newSite());
    Site site = site();
    CatalogSchema.migrations().apply(site.catalog());
    Repo repo = new Repos(site.catalog()).findOrCreate("o", "r", "id", Instant.EPOCH);
    PutResult put =
        site.objects().put(ObjectKeys.object(ID), Content.of(LONELY), ID, Condition.ALWAYS, "x/y");
    new ObjectRows(site.catalog())
        .putHeld(
            repo.repoId(),
            List.of(new ObjectRows.Stored(ID, 6, ((PutResult.Written) put).etag())),
            site.config().bucket(),
            Instant.EPOCH);
  }

  private Site site() {
    return Site.from(environment);
  }

  private Run sheaf(String... arguments) {
    return Run.of(folder, environment, arguments);
  }

  @Test
  void aSoundSiteIsASummary() {
    Run run = sheaf("repair", "run");
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.out())
        .isEqualTo(
            """
            cleanup: 1 checked, 1 there (6 bytes)
            1 keys in 4 listings, 0 of them confirmed by HEAD
            1 records of repositories written
            """);
    assertThat(sheaf("repair", "run").out()).startsWith("cycle: 1 checked, 1 there (6 bytes)");
    assertThat(sheaf("repair", "lost").out()).isEqualTo("nothing is missing\n");
  }

  @Test
  void whatIsLostIsPlannedLookedForAndListed() {
    site().objects().delete(List.of(ObjectKeys.object(ID)));
    Run plan = sheaf("repair", "run", "--dry-run");
    assertThat(plan.exit()).isZero();
    assertThat(plan.out())
        .startsWith(
            "restore   %s: neither listed nor found by HEAD; nobody known has it\n"
                .formatted(ObjectKeys.object(ID)))
        .contains("write     repos/o/r.json: something has changed that only the catalog knows\n");
    assertThat(sheaf("repair", "lost").out()).isEqualTo("nothing is missing\n");
    Run run = sheaf("repair", "run");
    assertThat(run.exit()).as("something stays lost").isEqualTo(1);
    assertThat(run.out())
        .endsWith("still missing: %s: no stored bundle has it\n".formatted(ObjectKeys.object(ID)));
    assertThat(sheaf("repair", "lost").out())
        .startsWith(ObjectKeys.object(ID) + ": missing, looked for; first missed ")
        .endsWith(": no stored bundle has it\n");
    Run again = sheaf("repair", "run");
    assertThat(again.exit()).isEqualTo(1);
    assertThat(again.out()).contains("1 still missing, not tried again yet");
  }

  @Test
  void whatIsDamagedIsPutAsideAndBothCommandsSaySo() {
    assertThat(sheaf("repair", "run").exit()).isZero();
    String key = ObjectKeys.object(ID);
    site().objects().delete(List.of(key));
    site().objects().put(key, Content.of(new byte[] {1, 2, 3}), null, Condition.ALWAYS, "x/y");
    site().catalog().execute(Statement.of("update repair_trackers set cursor_i = 4"));
    Run run = sheaf("repair", "run");
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.out()).contains("1 false ones deleted\n1 of them kept below damaged/\n");
    assertThat(sheaf("repair", "lost").out())
        .contains("  what there was of it is damaged, and kept as damaged/" + key + "\n");
  }

  /** The object came without a bundle: of it nothing in the bucket tells whose it is. */
  @Test
  void aCatalogThatIsGoneComesBack() throws IOException {
    assertThat(sheaf("repair", "run").exit()).isZero();
    environment.put("SHEAF_CATALOG_DATABASE", LocalServers.shared().newDatabase());
    Run plan = sheaf("rebuild", "--dry-run");
    assertThat(plan.exit()).as(plan.err()).isZero();
    assertThat(plan.out())
        .isEqualTo(
            """
            repository o/r: as its record says
            1 repositories, 1 steps to take; 0 bundles wait for a worker, 0 things are missing
            """);
    assertThat(new Repos(site().catalog()).find("o", "r")).isEmpty();
    sheaf("rebuild");
    assertThat(new Repos(site().catalog()).find("o", "r").orElseThrow().repoId()).isEqualTo("id");
    assertThat(sheaf("rebuild").out()).contains("0 steps; 0 bundles wait");
  }

  @Test
  void withoutASiteItSaysWhatIsMissing() {
    Run run = Run.of(folder, Map.of(), "repair", "run");
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err()).contains("SHEAF_BUCKET is not set");
  }
}
