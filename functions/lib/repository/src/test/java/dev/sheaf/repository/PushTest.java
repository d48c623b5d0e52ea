package dev.sheaf.repository;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.codec.BundleReader;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.repository.history.RepositoryObjects;
import dev.sheaf.repository.intake.Intake;
import dev.sheaf.repository.intake.Limits;
import dev.sheaf.repository.intake.Pushes;
import dev.sheaf.repository.job.Jobs;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.testing.InMemoryObjectStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A test class that pushes: each test into a repository of its own. */
public abstract class PushTest extends CatalogTest {
  protected static final Duration STALE = Duration.ofMinutes(15);

  @SuppressWarnings("NullAway.Init")
  public InMemoryObjectStore store;

  @SuppressWarnings("NullAway.Init")
  public Repo repo;

  @TempDir Path spool = Path.of("");

  /** Objects belong to all repositories: without this a test would find those of others. */
  @BeforeEach
  protected void createRepo() {
    store = new InMemoryObjectStore();
    catalog.execute(Statement.of("delete from object_refs"));
    catalog.execute(Statement.of("delete from objects"));
    repo = newRepo();
  }

  protected Pushes pushes() {
    return new Pushes(new Intake.Ports(catalog, store, clock, Limits.of(32, 2), log), jobs());
  }

  protected Pushes.Request request(byte[] bundle, Map<String, String> heads) {
    return new Pushes.Request(repo, Ids.object(bundle), bundle.length, heads, false, Map.of(), NOW);
  }

  protected Pushes.Request forced(byte[] bundle, Map<String, String> heads) {
    return new Pushes.Request(repo, Ids.object(bundle), bundle.length, heads, true, Map.of(), NOW);
  }

  protected Pushes.Request expecting(
      byte[] bundle, Map<String, String> heads, Map<String, String> expected) {
    return new Pushes.Request(repo, Ids.object(bundle), bundle.length, heads, false, expected, NOW);
  }

  protected Pushes.Result readNow(Pushes.Request request, byte[] bundle) throws IOException {
    return pushes()
        .readNow(request, BundleReader.spoolingTo(spool), new ByteArrayInputStream(bundle));
  }

  /** Pushes a bundle with the heads that it names. */
  protected Pushes.Result push(TestPush push) throws IOException {
    byte[] bundle = push.bundle();
    return readNow(request(bundle, push.history().branchHeads()), bundle);
  }

  /** Ends the job of a bundle as a worker would that found nothing left to do. */
  protected void finishJob() {
    Jobs.Claim claim = jobs().claimNext(repo.repoId(), STALE).orElseThrow();
    if (jobs().finish(claim, "{}") == Jobs.Ended.NOT) {
      throw new AssertionError("lost " + claim);
    }
  }

  protected void failJob() {
    Jobs.Claim claim = jobs().claimNext(repo.repoId(), STALE).orElseThrow();
    jobs().fail(claim, "broken", true);
  }

  protected Map<String, String> heads() {
    return new Refs(catalog).branchHeads(repo.repoId());
  }

  protected RepositoryObjects objects() {
    return new RepositoryObjects(catalog, store);
  }

  protected byte[] read(ContentId id) throws IOException {
    RepositoryObjects.Location location = objects().locate(repo.repoId(), id).orElseThrow();
    try (var in = objects().open(location, 0, -1)) {
      return in.readAllBytes();
    }
  }
}
