package dev.sheaf.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.cli.bundling.BundleSettings;
import dev.sheaf.cli.clone.CloneOptions;
import dev.sheaf.cli.clone.Cloner;
import dev.sheaf.cli.fixtures.RandomRepository;
import dev.sheaf.cli.fixtures.RepositoryContents;
import dev.sheaf.cli.fixtures.Run;
import dev.sheaf.cli.git.GitSource;
import dev.sheaf.cli.git.RefList;
import dev.sheaf.cli.http.RemoteUrl;
import dev.sheaf.cli.http.RepositoryClient;
import dev.sheaf.cli.http.StoreClient;
import dev.sheaf.cli.http.Token;
import dev.sheaf.cli.http.Transport;
import dev.sheaf.cli.process.Progress;
import dev.sheaf.cli.process.Stopwatch;
import dev.sheaf.cli.push.BundleSender;
import dev.sheaf.cli.push.PushOptions;
import dev.sheaf.cli.push.PushReport;
import dev.sheaf.cli.push.Pusher;
import dev.sheaf.localstack.embedded.EmbeddedStack;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.wiring.Site;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongConsumer;
import org.eclipse.jgit.lib.ObjectId;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands against a whole site: real functions, S3, queue and Postgres in this JVM. */
class PushAndCloneTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final AtomicInteger NAMES = new AtomicInteger();
  private static @Nullable EmbeddedStack stack;

  @TempDir Path folder;
  private final String url = stack().api() + "/test/repository-" + NAMES.incrementAndGet();

  @BeforeAll
  static void start() throws IOException {
    stack = EmbeddedStack.builder().start();
  }

  @AfterAll
  static void stop() {
    stack().close();
  }

  private static EmbeddedStack stack() {
    return Objects.requireNonNull(stack);
  }

  @Test
  void whatIsClonedIsWhatWasPushed() throws IOException {
    Path original = repository(11, 60);
    push(original, "--wait");
    ok(run("clone", url, "copy"));
    ok(run("clone", "--bare", "--via", "fetch", url, "fetched"));
    RepositoryContents expected = RepositoryContents.of(original);
    assertThat(RepositoryContents.of(folder.resolve("copy"))).isEqualTo(expected);
    assertThat(RepositoryContents.of(folder.resolve("fetched"))).isEqualTo(expected);
    assertThat(folder)
        .isDirectoryNotContaining(path -> path.getFileName().toString().startsWith("."));
  }

  @Test
  void aCloneWorksBeforeAnythingIsIndexed() throws IOException {
    Path original = repository(12, 30);
    push(original);
    ok(run("clone", "--bare", url, "copy"));
    assertThat(RepositoryContents.of(folder.resolve("copy")))
        .isEqualTo(RepositoryContents.of(original));
  }

  @Test
  void aSecondPushSendsNothing() throws IOException {
    Path original = repository(13, 20);
    push(original, "--wait");
    JsonNode report = push(original);
    assertThat(report.path("up_to_date").asBoolean()).isTrue();
    assertThat(report.at("/traffic/total/requests").asInt()).isEqualTo(1);
    assertThat(report.at("/traffic/total/sent_bytes").asLong()).isZero();
    assertThat(run("push", original.toString(), url).out()).contains("up to date");
  }

  @Test
  void oneCommitMoreSendsLittleAndReadsNothing() throws IOException {
    Path original = folder.resolve("original");
    try (RandomRepository made = RandomRepository.create(original, 14)) {
      made.grow(150);
      push(original, "--wait");
      made.commitOnMain();
    }
    JsonNode report = push(original, "--wait");
    assertThat(report.path("commits").asInt()).isEqualTo(1);
    assertThat(report.at("/traffic/total/sent_bytes").asLong()).isBetween(1L, 20_000L);
    assertThat(report.at("/traffic/s3-get").isMissingNode()).isTrue();
    assertThat(report.at("/traffic/objects").isMissingNode()).isTrue();
    ok(run("clone", "--bare", url, "copy"));
    assertThat(RepositoryContents.of(folder.resolve("copy")))
        .isEqualTo(RepositoryContents.of(original));
  }

  @Test
  void blobsHashedOnceAreNotReadAgainAndALostCacheDoesNoHarm() throws IOException {
    Path original = folder.resolve("original");
    try (RandomRepository made = RandomRepository.create(original, 15)) {
      made.grow(40);
      push(original, "--wait");
      assertThat(original.resolve("sheaf/blob-ids")).isNotEmptyFile();
      Files.delete(original.resolve("sheaf/blob-ids"));
      made.commitOnMain().commitOnMain();
    }
    push(original, "--wait");
    ok(run("clone", "--bare", url, "copy"));
    assertThat(RepositoryContents.of(folder.resolve("copy")))
        .isEqualTo(RepositoryContents.of(original));
  }

  @Test
  void aNewTagAloneIsATinyPush() throws IOException {
    Path original = repository(16, 30);
    push(original, "--wait");
    String head = Files.readString(original.resolve("refs/heads/main")).strip();
    Files.writeString(original.resolve("refs/tags/later"), head + "\n");
    JsonNode report = push(original, "--wait");
    assertThat(report.path("commits").asInt()).isZero();
    assertThat(report.path("bundle_bytes").asLong()).isLessThan(4_000);
    ok(run("clone", "--bare", url, "copy"));
    assertThat(RepositoryContents.of(folder.resolve("copy")))
        .isEqualTo(RepositoryContents.of(original));
  }

  @Test
  void branchesAndTagsThatWouldGoBackNeedForce() throws IOException {
    Path original = folder.resolve("original");
    ObjectId first;
    try (RandomRepository made = RandomRepository.create(original, 17)) {
      made.grow(1);
      first = ObjectId.fromString(Files.readString(original.resolve("refs/heads/main")).strip());
      made.grow(20);
      push(original, "--wait");
      made.branch("main", first);
    }
    Run refused = run("push", original.toString(), url);
    assertThat(refused.exit()).isEqualTo(1);
    assertThat(refused.err()).contains("refs/heads/main", "--force");
    push(original, "--wait", "--force");
    ok(run("clone", "--bare", url, "copy"));
    assertThat(RepositoryContents.of(folder.resolve("copy")).refs())
        .containsEntry("refs/heads/main", first.name());
  }

  @Test
  void aPushThatWasKilledIsRunAgainAndSendsTheRest() throws IOException {
    Path original = repository(18, 80);
    assertThatThrownBy(() -> pushSmallBundles(original, new KilledAfter(40)))
        .hasMessageContaining("killed");
    PushReport report = pushSmallBundles(original, bytes -> {});
    assertThat(report.bundles()).hasSizeGreaterThan(2);
    assertThat(report.bundles().getFirst().uploaded()).isFalse();
    assertThat(report.bundles().getLast().uploaded()).isTrue();
    ok(run("clone", "--bare", url, "copy"));
    assertThat(RepositoryContents.of(folder.resolve("copy")))
        .isEqualTo(RepositoryContents.of(original));
  }

  /** Ends the push after so many objects. */
  private static final class KilledAfter implements LongConsumer {
    private int left;

    KilledAfter(int objects) {
      this.left = objects;
    }

    @Override
    public void accept(long bytes) {
      if (left-- == 0) {
        throw new IllegalStateException("killed");
      }
    }
  }

  private PushReport pushSmallBundles(Path original, LongConsumer steps) throws IOException {
    Transport transport = new Transport(Thread::sleep);
    RepositoryClient client =
        new RepositoryClient(
            transport, RemoteUrl.parse(url), Token.of(stack().token(), RemoteUrl.parse(url)));
    Stopwatch stopwatch = new Stopwatch(System::nanoTime);
    BundleSender sender =
        new BundleSender(
            client, new StoreClient(transport), Thread::sleep, Progress.NONE, stopwatch);
    PushOptions options =
        new PushOptions(RefList.Selection.ALL, false, true, new BundleSettings(3, false, 4_000, 2));
    try (GitSource source = GitSource.open(original)) {
      return new Pusher(source, client, sender, options, new Steps(steps), stopwatch)
          .push(Files.createTempDirectory(folder, "scratch-"));
    }
  }

  /** Hands on steps. */
  private record Steps(LongConsumer steps) implements Progress {
    @Override
    public void begin(String what, long total, Unit unit) {}

    @Override
    public void step(long amount) {
      steps.accept(amount);
    }

    @Override
    public void end() {}

    @Override
    public void say(String line) {}
  }

  /** Bundles expire; the objects that they brought do not. */
  @Test
  void aCloneWorksWithoutBundlesThatAreGone() throws IOException {
    Path original = repository(22, 60);
    pushSmallBundles(original, bytes -> {});
    deleteABundle();
    ok(run("clone", "--bare", url, "copy"));
    assertThat(RepositoryContents.of(folder.resolve("copy")))
        .isEqualTo(RepositoryContents.of(original));
  }

  @Test
  void aBundleMayGoWhileACloneIsUnderWay() throws IOException {
    Path original = repository(23, 60);
    pushSmallBundles(original, bytes -> {});
    Transport transport = new Transport(duration -> {});
    List<String> said = new ArrayList<>();
    new Cloner(
            new RepositoryClient(
                transport, RemoteUrl.parse(url), Token.of(stack().token(), RemoteUrl.parse(url))),
            new StoreClient(transport),
            new CloneOptions(true, false, 2, Map.of()),
            new DeletingOnce(said),
            new Stopwatch(System::nanoTime))
        .cloneInto(folder.resolve("copy"));
    assertThat(said).anyMatch(line -> line.contains("asking for another plan"));
    assertThat(RepositoryContents.of(folder.resolve("copy")))
        .isEqualTo(RepositoryContents.of(original));
  }

  private void deleteABundle() {
    ObjectStore store = Site.from(stack().environment()).objects();
    String repository = url.substring(url.lastIndexOf('/') + 1);
    ObjectStore.Page page = store.list(ObjectKeys.bundlesOf("test", repository), null, null);
    assertThat(page.objects()).hasSizeGreaterThan(2);
    assertThat(store.delete(List.of(page.objects().get(1).key()))).isEmpty();
  }

  /** Deletes a bundle when the plan is made and nothing has been read yet. */
  private final class DeletingOnce implements Progress {
    private final List<String> said;
    private boolean deleted;

    DeletingOnce(List<String> said) {
      this.said = said;
    }

    @Override
    public void begin(String what, long total, Unit unit) {
      if (!deleted) {
        deleted = true;
        deleteABundle();
      }
    }

    @Override
    public void step(long amount) {}

    @Override
    public void end() {}

    @Override
    public void say(String line) {
      said.add(line);
    }
  }

  @Test
  void aWrongTokenIsRefused() throws IOException {
    Path original = repository(19, 5);
    Run run =
        Run.of(folder, Map.of("SHEAF_TOKEN", "sheaf_wrong"), "push", original.toString(), url);
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err()).startsWith("sheaf: ").contains("SHEAF_TOKEN").doesNotContain("\tat ");
    Run anonymous = Run.of(folder, Map.of(), "clone", url, "copy");
    assertThat(anonymous.exit()).isEqualTo(1);
    assertThat(anonymous.err()).contains("SHEAF_TOKEN");
    assertThat(folder.resolve("copy")).doesNotExist();
  }

  @Test
  void oneBranchAlone() throws IOException {
    Path original = repository(20, 30);
    push(original, "--wait", "--branch", "side/of-it");
    ok(run("clone", "--bare", url, "copy"));
    assertThat(RepositoryContents.of(folder.resolve("copy")).refs())
        .containsOnlyKeys("refs/heads/side/of-it");
  }

  @Test
  void showsWhatIsThere() throws IOException {
    Path original = repository(21, 30);
    push(original, "--wait");
    assertThat(ok(run("refs", url)).out()).contains("refs/heads/main", "refs/tags/nested/v1-again");
    assertThat(ok(run("log", url, "-n", "5")).out().lines().filter(l -> l.startsWith("sha256:")))
        .hasSizeBetween(1, 5);
    assertThat(ok(run("jobs", url)).out()).contains("done");
    assertThat(ok(run("cat", url, "main:")).out()).isNotEmpty();
    assertThat(run("cat", url, "main:no/such/file").exit()).isEqualTo(1);
    assertThat(run("refs", url + "-not-there").exit()).isEqualTo(1);
  }

  private Path repository(long seed, int commits) throws IOException {
    Path path = folder.resolve("original");
    try (RandomRepository made = RandomRepository.create(path, seed)) {
      made.grow(commits);
    }
    return path;
  }

  private JsonNode push(Path original, String... options) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("push", original.toString(), url, "--json"));
    arguments.addAll(List.of(options));
    return JSON.readTree(ok(run(arguments.toArray(String[]::new))).out());
  }

  private Run run(String... arguments) {
    return Run.of(folder, Map.of("SHEAF_TOKEN", stack().token()), arguments);
  }

  private static Run ok(Run run) {
    assertThat(run.err()).doesNotContain("sheaf: ");
    assertThat(run.exit()).isZero();
    return run;
  }
}
