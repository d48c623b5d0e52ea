package dev.sheaf.git.read;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.git.BundleHeader;
import dev.sheaf.git.Git;
import dev.sheaf.git.GitStorage;
import dev.sheaf.git.PackIntake;
import dev.sheaf.git.PackLimits;
import dev.sheaf.git.ReceivedPack;
import dev.sheaf.git.RepoPath;
import dev.sheaf.git.StoredPack;
import dev.sheaf.storage.counting.CountingObjectStore;
import dev.sheaf.storage.counting.RequestCounts;
import dev.sheaf.storage.counting.RequestKind;
import dev.sheaf.testing.InMemoryObjectStore;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.eclipse.jgit.internal.storage.dfs.DfsRepository;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.revwalk.RevCommit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Everything that is read is compared with what git itself says. */
class ReadTest {
  private static final RepoPath REPO = new RepoPath("me", "project");

  @TempDir Path folder;

  private final InMemoryObjectStore store = new InMemoryObjectStore();
  private final List<StoredPack> packs = new ArrayList<>();
  private Git git;
  private Path temp;

  @BeforeEach
  void start() throws IOException {
    git = Git.init(folder.resolve("work"));
    temp = Files.createDirectories(folder.resolve("temp"));
    git.write("a.txt", "first\n");
    git.write("src/main/b.txt", "second\n");
    git.commit("one");
    push("--all");
    git.run("checkout", "-q", "-b", "side");
    git.write("side.txt", "side\n");
    git.commit("two");
    git.run("checkout", "-q", "main");
    git.write("a.txt", "first\nmore\n");
    git.commit("three");
    git.run("merge", "-q", "--no-edit", "side");
    git.run("tag", "-a", "-m", "a tag", "v1");
    push("--all", "--tags", "^main~1^");
  }

  @AfterEach
  void noFileIsLeft() throws IOException {
    try (Stream<Path> files = Files.list(temp)) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void theLogIsGitsPageByPage() throws IOException {
    GitLog log = new GitLog(open());
    List<String> seen = new ArrayList<>();
    Optional<ObjectId> before = Optional.empty();
    do {
      GitLog.Page page = log.page(git.id("main"), before, 2).orElseThrow();
      page.commits().forEach(commit -> seen.add(commit.name() + " " + commit.getShortMessage()));
      before = Optional.ofNullable(page.next());
    } while (before.isPresent());
    assertThat(seen)
        .hasSameElementsAs(git.run("log", "--format=%H %s", "main").lines().toList())
        .hasSize(4);
    assertThat(log.page(git.id("side"), Optional.of(git.id("main")), 2)).isEmpty();
  }

  @Test
  void commitsAreFoundByTheirIds() throws IOException {
    GitLog log = new GitLog(open());
    RevCommit merge = log.find(git.id("main")).orElseThrow();
    assertThat(merge.getParentCount()).isEqualTo(2);
    assertThat(merge.getAuthorIdent().getEmailAddress()).isEqualTo("author@example.com");
    assertThat(log.find(git.id("main^{tree}"))).isEmpty();
    assertThat(log.find(ObjectId.zeroId())).isEmpty();
  }

  @Test
  void foldersAreListedAsGitDoes() throws IOException {
    GitTree tree = new GitTree(open());
    ObjectId root = git.id("main^{tree}");
    for (String path : List.of("", "src", "src/main")) {
      GitTree.Entry entry = tree.at(root, path).orElseThrow();
      assertThat(tree.list(entry))
          .extracting(e -> e.id().name() + " " + e.path())
          .isEqualTo(
              git.run(
                      "ls-tree",
                      "--format=%(objectname) %(path)",
                      "main",
                      path.isEmpty() ? "." : path + "/")
                  .lines()
                  .toList());
    }
    assertThat(tree.at(root, "src/main/b.txt").orElseThrow().type()).isEqualTo(GitTree.Type.FILE);
    for (String none : List.of("none", "src/none", "a.txt/below", "src//main", "SRC")) {
      assertThat(tree.at(root, none)).as(none).isEmpty();
    }
  }

  @Test
  void aPreparedPackBringsAClientUpToDate() throws IOException {
    Git client = Git.init(folder.resolve("client"));
    take(client, Set.of(git.id("main~1^")), Set.of());
    FetchPack.Prepared prepared = take(client, Set.of(git.id("v1")), Set.of(git.id("main~1^")));
    assertThat(prepared.objects())
        .isEqualTo(git.run("rev-list", "--objects", "v1", "^main~1^").lines().count());
    client.run("update-ref", "refs/tags/v1", git.id("v1").name());
    client.run("fsck", "--strict", "--connectivity-only");
    assertThat(client.run("rev-list", "--objects", "v1").lines().toList())
        .hasSameElementsAs(git.run("rev-list", "--objects", "v1").lines().toList());
  }

  @Test
  void onlyWhatRefsReachMayBeAskedFor() throws IOException {
    FetchPack fetch = new FetchPack(open(), temp);
    ObjectId main = git.id("main");
    ObjectId tag = git.id("v1");
    ObjectId side = git.id("side");
    ObjectId before = git.id("main~1");
    ObjectId nothing = ObjectId.fromString("1234567890123456789012345678901234567890");
    assertThat(fetch.unreachable(Set.of(main, tag), Set.of(main, tag))).isEmpty();
    assertThat(fetch.unreachable(Set.of(side, before), Set.of(tag))).isEmpty();
    assertThat(fetch.unreachable(Set.of(main), Set.of(side))).contains(main);
    assertThat(fetch.unreachable(Set.of(nothing), Set.of(main))).contains(nothing);
    ObjectId blob = git.id("main:a.txt");
    assertThat(fetch.unreachable(Set.of(blob), Set.of(main))).contains(blob);
    assertThat(fetch.unreachable(Set.of(blob), Set.of(blob))).isEmpty();
    assertThat(fetch.known(List.of(main, nothing))).containsExactly(main);
  }

  /** An index for each pack, all at once, and the blocks that hold what is read. */
  @Test
  void manyPacksAreAskedOnce() throws IOException {
    for (int i = 0; i < 20; i++) {
      git.write("a.txt", "line " + i + "\n");
      git.commit("more " + i);
      push("main~1..main");
    }
    RequestCounts counts = new RequestCounts();
    GitStorage storage = new GitStorage(new CountingObjectStore(store, counts));
    DfsRepository repository = storage.open(REPO, packs);
    assertThat(new GitLog(repository).find(git.id("main"))).isPresent();
    assertThat(counts.count(RequestKind.S3_GET)).isEqualTo(packs.size() + 1);
    assertThat(new GitLog(storage.open(REPO, packs)).find(git.id("main~1"))).isPresent();
    assertThat(counts.count(RequestKind.S3_GET)).isEqualTo(packs.size() + 2);
  }

  private FetchPack.Prepared take(Git client, Set<ObjectId> want, Set<ObjectId> have)
      throws IOException {
    FetchPack.Prepared prepared = new FetchPack(open(), temp).prepare(want, have);
    byte[] bytes = Files.readAllBytes(prepared.file().path());
    Files.delete(prepared.file().path());
    assertThat(prepared.file().size()).isEqualTo(bytes.length);
    client.run(bytes, "index-pack", "--fix-thin", "--strict", "--stdin");
    return prepared;
  }

  private DfsRepository open() {
    return new GitStorage(store).open(REPO, packs);
  }

  private void push(String... revisions) throws IOException {
    InputStream in = new BufferedInputStream(new ByteArrayInputStream(git.bundle(revisions)));
    BundleHeader.read(in);
    PackLimits limits = new PackLimits(1L << 30, 1_000_000, 64 << 20, 64 << 20);
    try (ReceivedPack received = new PackIntake(temp, limits).receive(in, open())) {
      assertThat(received.missing(open(), List.of())).isEmpty();
      received.store(store, REPO, false);
      packs.add(received.stored());
    }
  }
}
