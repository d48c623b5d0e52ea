package dev.sheaf.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.check.BundleVerification;
import dev.sheaf.bundle.codec.BundleReader;
import dev.sheaf.bundle.history.SnapshotResolver;
import dev.sheaf.cli.bundling.BuiltBundle;
import dev.sheaf.cli.bundling.BundleSettings;
import dev.sheaf.cli.bundling.Bundler;
import dev.sheaf.cli.bundling.CommitRange;
import dev.sheaf.cli.bundling.Heads;
import dev.sheaf.cli.bundling.RangePlanner;
import dev.sheaf.cli.fixtures.RandomRepository;
import dev.sheaf.cli.fixtures.RepositoryContents;
import dev.sheaf.cli.git.BlobIds;
import dev.sheaf.cli.git.GitHistory;
import dev.sheaf.cli.git.GitSource;
import dev.sheaf.cli.git.RefList;
import dev.sheaf.cli.git.RefName;
import dev.sheaf.cli.restore.RepositoryBuilder;
import dev.sheaf.cli.restore.RepositoryFolder;
import dev.sheaf.testing.RandomisedTest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.eclipse.jgit.lib.ObjectId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Git to bundles to git, with no server between. */
class RoundTripTest {
  @TempDir Path folder;

  @RandomisedTest(seeds = 6)
  void comesBackIdenticalInOneBundle(long seed) throws IOException {
    Path original = repository(seed, 60);
    List<BuiltBundle> bundles = bundle(original, false, Long.MAX_VALUE);
    assertThat(bundles).hasSize(1);
    assertThat(RepositoryContents.of(restore(original, bundles)))
        .isEqualTo(RepositoryContents.of(original));
  }

  @RandomisedTest(seeds = 6)
  void comesBackIdenticalInManyBundles(long seed) throws IOException {
    Path original = repository(seed, 80);
    List<BuiltBundle> bundles = bundle(original, true, 3_000);
    assertThat(bundles).hasSizeGreaterThan(2);
    assertThat(RepositoryContents.of(restore(original, bundles)))
        .isEqualTo(RepositoryContents.of(original));
  }

  @RandomisedTest(seeds = 3)
  void everyIdCanBeDerivedAgain(long seed) throws IOException {
    BuiltBundle bundle = bundle(repository(seed, 40), false, Long.MAX_VALUE).getFirst();
    BundleReader reader = BundleReader.spoolingTo(Files.createDirectories(folder.resolve("spool")));
    try (InputStream in = Files.newInputStream(bundle.file())) {
      BundleVerification verification =
          BundleVerification.of(reader, in, SnapshotResolver.Known.NOTHING);
      assertThat(verification.findings()).isEmpty();
      assertThat(verification.unchecked()).isEmpty();
    }
  }

  @Test
  void sameRepositorySameBundles() throws IOException {
    Path original = repository(1, 50);
    List<BuiltBundle> first = bundle(original, false, 3_000);
    List<BuiltBundle> second = bundle(original, false, 3_000);
    assertThat(second.stream().map(BuiltBundle::id))
        .containsExactlyElementsOf(first.stream().map(BuiltBundle::id).toList());
  }

  @Test
  void aBundleThatIsMissingIsNoticed() throws IOException {
    Path original = repository(2, 80);
    List<BuiltBundle> bundles = bundle(original, false, 3_000);
    List<BuiltBundle> incomplete = new ArrayList<>(bundles);
    incomplete.remove(1);
    assertThatThrownBy(() -> restore(original, incomplete)).isInstanceOf(SheafException.class);
  }

  private Path repository(long seed, int commits) throws IOException {
    Path path = folder.resolve("original-" + seed);
    try (RandomRepository repository = RandomRepository.create(path, seed)) {
      repository.grow(commits);
    }
    return path;
  }

  private List<BuiltBundle> bundle(Path original, boolean portable, long targetBytes)
      throws IOException {
    Path bundles = Files.createTempDirectory(folder, "bundles-");
    BundleSettings settings = new BundleSettings(3, portable, targetBytes, 2);
    try (GitSource source = GitSource.open(original);
        GitHistory history = new GitHistory(source);
        Bundler bundler =
            new Bundler(
                source,
                history,
                BlobIds.load(bundles.resolve("ids")),
                settings,
                bundles,
                bytes -> {})) {
      RefList refs = RefList.read(source, RefList.Selection.ALL);
      List<CommitRange> ranges =
          new RangePlanner(source, history, targetBytes)
              .plan(history.commitsBetween(List.of(), refs.tips()));
      Heads heads = Heads.of(refs, bundler.commitIds());
      List<BuiltBundle> built = new ArrayList<>();
      for (CommitRange range : ranges) {
        boolean last = built.size() == ranges.size() - 1;
        built.add(bundler.build(range, last ? heads : Heads.NONE, null));
      }
      return built;
    }
  }

  private Path restore(Path original, List<BuiltBundle> bundles) throws IOException {
    Path scratch = Files.createTempDirectory(folder, "scratch-");
    Path copy = Files.createTempDirectory(folder, "copy-");
    RepositoryFolder made = RepositoryFolder.create(copy, true);
    RepositoryBuilder.MissingObjects nowhere =
        (ids, consumer) -> {
          throw new SheafException(ErrorKind.NOT_FOUND, ids.size() + " objects are missing");
        };
    try (GitSource source = GitSource.open(original);
        RepositoryBuilder builder = new RepositoryBuilder(scratch, 2, nowhere)) {
      for (BuiltBundle bundle : bundles) {
        try (InputStream in = Files.newInputStream(bundle.file())) {
          builder.add(in);
        }
      }
      RefList refs = RefList.read(source, RefList.Selection.ALL);
      Map<RefName, ObjectId> targets = new TreeMap<>();
      for (var ref : refs.refs().entrySet()) {
        ObjectId target = ref.getValue().commit();
        for (byte[] tag : ref.getValue().tags().reversed()) {
          target = builder.addTag(tag, target);
        }
        targets.put(new RefName(ref.getKey()), target);
      }
      made.writeRefs(targets, Map.of());
      made.checkOut(new RefName(Objects.requireNonNull(refs.head())));
      builder.finish(made.objects());
    }
    return copy;
  }
}
