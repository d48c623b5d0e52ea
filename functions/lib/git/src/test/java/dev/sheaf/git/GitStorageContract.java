package dev.sheaf.git;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.counting.CountingObjectStore;
import dev.sheaf.storage.counting.RequestCounts;
import dev.sheaf.storage.counting.RequestKind;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.eclipse.jgit.internal.storage.dfs.DfsRepository;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectReader;
import org.eclipse.jgit.revwalk.RevWalk;
import org.eclipse.jgit.treewalk.TreeWalk;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Packs go in and are read, on every store that there is; requests are counted. */
abstract class GitStorageContract {
  static final RepoPath REPO = new RepoPath("me", "project");
  private static final PackLimits LIMITS = new PackLimits(1L << 30, 1_000_000, 64 << 20, 64 << 20);

  @TempDir Path folder;

  private final RequestCounts counts = new RequestCounts();
  private ObjectStore store;
  private Git git;
  private Path temp;

  /** A store on an empty bucket. */
  abstract ObjectStore emptyStore() throws IOException;

  @BeforeEach
  void makeStore() throws IOException {
    store = new CountingObjectStore(emptyStore(), counts);
    git = Git.init(folder.resolve("work"));
    temp = Files.createDirectories(folder.resolve("temp"));
  }

  @Test
  void aWholeBundleIsStoredByTwoPutsAndReadBack() throws IOException {
    ObjectId tip = someHistory(20);
    GitStorage storage = new GitStorage(store);
    StoredPack pack;
    try (ReceivedPack received = receive(storage, List.of(), git.bundle("--all"))) {
      git.requireSound(received.packFile());
      assertThat(received.missing(storage.open(REPO, List.of()), List.of(tip))).isEmpty();
      assertThat(received.objects()).isEqualTo(objectsInGit());
      assertThat(received.store(store, REPO, false)).isTrue();
      assertThat(received.store(store, REPO, false)).isFalse();
      assertThat(received.store(store, REPO, true)).isTrue();
      pack = received.stored();
    }
    assertThat(filesIn(temp)).isEmpty();
    assertThat(counts.count(RequestKind.S3_PUT)).isEqualTo(6);
    assertThat(store.head(GitKeys.key(REPO, pack.name(), GitKeys.Part.PACK)).orElseThrow().sha256())
        .isEqualTo(pack.name());
    assertReadsLikeGit(storage.open(REPO, List.of(pack)));
  }

  @Test
  void theIndexIsTheOneThatGitWrites() throws IOException {
    someHistory(5);
    GitStorage storage = new GitStorage(store);
    try (ReceivedPack received = receive(storage, List.of(), git.bundle("--all"))) {
      assertThat(Files.readAllBytes(received.spooled().orElseThrow().file(GitKeys.Part.INDEX)))
          .isEqualTo(git.indexOf(received.packFile()));
    }
  }

  @Test
  void aThinBundleBecomesAPackThatStandsAlone() throws IOException {
    someHistory(20);
    List<StoredPack> packs = new ArrayList<>();
    GitStorage storage = new GitStorage(store);
    packs.add(push(storage, packs, git.bundle("--all")));
    git.write("big.txt", lines(1, 3_000) + "one more\n");
    ObjectId tip = git.commit("one more line");
    byte[] thin = git.bundle("main~1..main");
    assertThat(thin.length).isLessThan(5_000);

    BundleHeader header = BundleHeader.read(new ByteArrayInputStream(thin));
    assertThat(header.prerequisites()).containsExactly(git.id("main~1"));
    assertThat(header.refs())
        .containsExactly(new BundleHeader.Ref(dev.sheaf.bundle.RefName.of("refs/heads/main"), tip));
    packs.add(push(storage, packs, thin));
    assertReadsLikeGit(storage.open(REPO, packs));
  }

  /** The whole index of the base, one block of its pack, and one PUT for each of two files. */
  @Test
  void aOneCommitPushWithNothingInMemoryTakesTwoGets() throws IOException {
    someHistory(20);
    List<StoredPack> packs = new ArrayList<>();
    packs.add(push(new GitStorage(store), packs, git.bundle("--all")));
    git.write("big.txt", lines(1, 3_000) + "one more\n");
    ObjectId tip = git.commit("one more line");
    byte[] thin = git.bundle("main~1..main");

    RequestCounts cold = new RequestCounts();
    CountingObjectStore counted = new CountingObjectStore(store, cold);
    GitStorage storage = new GitStorage(counted);
    try (ReceivedPack received = receive(storage, packs, thin)) {
      git.requireSound(received.packFile());
      assertThat(received.missing(storage.open(REPO, packs), List.of(tip))).isEmpty();
      received.store(counted, REPO, false);
    }
    assertThat(cold.asMap())
        .containsExactlyInAnyOrderEntriesOf(java.util.Map.of("s3_get", 2L, "s3_put", 2L));

    try (ReceivedPack again = receive(storage, packs, thin)) {
      again.missing(storage.open(REPO, packs), List.of(tip));
    }
    assertThat(cold.count(RequestKind.S3_GET)).as("warm").isEqualTo(2);
  }

  @Test
  void aPackThatIsNotStoredYetIsReadWithTheOthers() throws IOException {
    someHistory(3);
    GitStorage storage = new GitStorage(store);
    List<StoredPack> packs = List.of(push(storage, List.of(), git.bundle("--all")));
    git.write("new.txt", "new\n");
    ObjectId tip = git.commit("new");
    try (ReceivedPack received = receive(storage, packs, git.bundle("main~1..main"))) {
      assertReadsLikeGit(storage.open(REPO, packs, received));
      assertThat(received.contains(tip)).isTrue();
      assertThat(received.typeOf(tip)).isEqualTo(org.eclipse.jgit.lib.Constants.OBJ_COMMIT);
      assertThat(received.ids()).contains(tip);
    }
  }

  @Test
  void whatIsMissingIsNamed() throws IOException {
    someHistory(3);
    GitStorage storage = new GitStorage(store);
    git.run("checkout", "-q", "--orphan", "other");
    git.run("rm", "-rqf", ".");
    git.write("other.txt", "other\n");
    ObjectId root = git.commit("root");
    git.write("other.txt", "changed\n");
    git.commit("child");
    try (ReceivedPack received = receive(storage, List.of(), git.bundle("other~1..other"))) {
      assertThat(received.missing(storage.open(REPO, List.of()), List.of(root)))
          .containsExactlyInAnyOrder(
              "a ref is to point to %s, which is not here".formatted(root.name()),
              "%s names the commit %s, which is not here"
                  .formatted(git.id("other").name(), root.name()));
    }
  }

  /** Each tenant's packs are read under its own name, also where both hold the same pack. */
  @Test
  void noRepositoryReadsAnothersBlocks() throws IOException {
    ObjectId tip = someHistory(3);
    GitStorage storage = new GitStorage(store);
    StoredPack pack = push(storage, List.of(), git.bundle("--all"));
    assertReadsLikeGit(storage.open(REPO, List.of(pack)));
    DfsRepository other = storage.open(new RepoPath("you", "project"), List.of(pack));
    try (ObjectReader reader = other.newObjectReader()) {
      org.assertj.core.api.Assertions.assertThatThrownBy(() -> reader.open(tip))
          .isInstanceOf(dev.sheaf.bundle.SheafException.class)
          .hasMessageContaining("git/you/project/" + pack.name());
    }
  }

  private StoredPack push(GitStorage storage, List<StoredPack> packs, byte[] bundle)
      throws IOException {
    try (ReceivedPack received = receive(storage, packs, bundle)) {
      git.requireSound(received.packFile());
      assertThat(received.missing(storage.open(REPO, packs), List.of())).isEmpty();
      received.store(store, REPO, false);
      return received.stored();
    }
  }

  private ReceivedPack receive(GitStorage storage, List<StoredPack> packs, byte[] bundle)
      throws IOException {
    InputStream in = new BufferedInputStream(new ByteArrayInputStream(bundle));
    BundleHeader.read(in);
    return new PackIntake(temp, LIMITS).receive(in, storage.open(REPO, packs));
  }

  private ObjectId someHistory(int commits) throws IOException {
    for (int i = 0; i < commits; i++) {
      git.write("folder/file" + i % 4 + ".txt", lines(i, 50));
      git.write("big.txt", lines(i % 2, 3_000));
      git.commit("commit " + i);
    }
    git.run("tag", "-a", "-m", "a tag", "v1");
    return git.id("main");
  }

  /** Text that does not compress to nothing. */
  private static String lines(int seed, int count) {
    Random random = new Random(seed);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < count; i++) {
      text.append(Long.toHexString(random.nextLong())).append('\n');
    }
    return text.toString();
  }

  private int objectsInGit() throws IOException {
    return (int) git.run("cat-file", "--batch-all-objects", "--batch-check").lines().count();
  }

  private void assertReadsLikeGit(DfsRepository repository) throws IOException {
    try (RevWalk walk = new RevWalk(repository);
        TreeWalk tree = new TreeWalk(repository)) {
      walk.markStart(walk.parseCommit(git.id("main")));
      List<String> commits = new ArrayList<>();
      walk.forEach(commit -> commits.add(commit.name()));
      assertThat(commits).hasSameElementsAs(git.run("rev-list", "main").lines().toList());
      tree.addTree(walk.parseTree(git.id("main^{tree}")));
      tree.setRecursive(true);
      while (tree.next()) {
        String path = tree.getPathString();
        assertThat(repository.open(tree.getObjectId(0)).getBytes())
            .as(path)
            .isEqualTo(Files.readAllBytes(git.folder().resolve(path)));
      }
    }
  }

  private static List<Path> filesIn(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }
}
