package dev.sheaf.git.fold;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.git.BundleHeader;
import dev.sheaf.git.Git;
import dev.sheaf.git.GitKeys;
import dev.sheaf.git.GitStorage;
import dev.sheaf.git.PackIntake;
import dev.sheaf.git.PackLimits;
import dev.sheaf.git.ReceivedPack;
import dev.sheaf.git.RepoPath;
import dev.sheaf.git.SpooledPack;
import dev.sheaf.git.StoredPack;
import dev.sheaf.git.fold.FoldPlan.Kind;
import dev.sheaf.git.read.FetchPack;
import dev.sheaf.git.read.GitTree;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.testing.InMemoryObjectStore;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.eclipse.jgit.internal.storage.dfs.DfsPackFile;
import org.eclipse.jgit.internal.storage.dfs.DfsReader;
import org.eclipse.jgit.internal.storage.dfs.DfsRepository;
import org.eclipse.jgit.lib.ObjectId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderTest {
  private static final RepoPath REPO = new RepoPath("me", "project");
  private static final Instant NOW = Instant.parse("2026-01-20T00:00:00Z");
  private static final FoldLimits LIMITS = FoldLimits.of(1L << 30, 1L << 33);

  @TempDir Path folder;

  private final ObjectStore store = new InMemoryObjectStore();
  private final GitStorage storage = new GitStorage(store);
  private final List<PackFacts> packs = new ArrayList<>();
  private Git git;
  private Path temp;

  @BeforeEach
  void start() throws IOException {
    git = Git.init(folder.resolve("work"));
    temp = Files.createDirectories(folder.resolve("temp"));
  }

  @AfterEach
  void noFileIsLeft() throws IOException {
    try (Stream<Path> files = Files.list(temp)) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void manyPushesBecomeOnePackOfTheirObjects() throws IOException {
    pushes(12);
    Set<ObjectId> before = objects();
    FoldPlan plan = new FoldPlan(Kind.GEOMETRIC, foldAll());
    long separate = packs.stream().mapToLong(pack -> pack.pack().packBytes()).sum();
    carryOut(plan, List.of());
    assertThat(packs).hasSize(1);
    assertThat(packs.getFirst().pack().packBytes()).isLessThan(separate / 3);
    assertThat(objects()).isEqualTo(before);
  }

  @Test
  void aFullFoldHasABitmapAndKeepsWhatNoRefReaches() throws IOException {
    pushes(5);
    ObjectId lost = git.id("main");
    git.run("tag", "-a", "-m", "kept", "v1", "main~3");
    push("--all", "--tags");
    Set<ObjectId> before = objects();
    List<ObjectId> tips = List.of(git.id("main~1"), git.id("v1"));

    carryOut(FoldPlan.of(packs, LIMITS, NOW), tips);
    assertThat(packs).hasSize(2);
    assertThat(packs.getFirst().pack().bitmapBytes()).isPositive();
    assertThat(packs.getLast().isUnreachable()).isTrue();
    assertThat(objects()).isEqualTo(before);
    assertThat(objectsOf(packs.getFirst())).doesNotContain(lost).containsAll(tips);
    try (DfsReader reader = open().getObjectDatabase().newReader()) {
      assertThat(reader.getBitmapIndex()).isNotNull();
      assertThat(reader.getBitmapIndex().getBitmap(git.id("main~1"))).isNotNull();
    }

    // Before their time is over nothing happens to them, afterwards they are gone.
    assertThat(FoldPlan.of(packs, LIMITS, NOW.plus(Duration.ofDays(13))).kind())
        .isEqualTo(Kind.NOTHING);
    FoldPlan late = FoldPlan.of(packs, LIMITS, NOW.plus(Duration.ofDays(14)));
    assertThat(carryOut(late, tips)).isPositive();
    assertThat(packs).hasSize(1);
    assertThat(objects()).doesNotContain(lost).containsAll(tips);
  }

  @Test
  void whatIsReachedAgainStays() throws IOException {
    pushes(5);
    ObjectId lost = git.id("main");
    Set<ObjectId> before = objects();
    carryOut(FoldPlan.of(packs, LIMITS, NOW), List.of(git.id("main~1")));
    FoldPlan late = FoldPlan.of(packs, LIMITS, NOW.plus(Duration.ofDays(14)));
    assertThat(carryOut(late, List.of(lost))).isZero();
    assertThat(packs).hasSize(1);
    assertThat(objects()).isEqualTo(before);
  }

  /** A newer unreached commit names an older one: both stay, else a push could build on a hole. */
  @Test
  void whatAKeptObjectNamesIsKeptHoweverOld() throws IOException {
    pushes(5);
    ObjectId tip = git.id("main~1");
    ObjectId lost = git.id("main");
    carryOut(FoldPlan.of(packs, LIMITS, NOW), List.of(tip));
    git.write("more.txt", "more\n");
    ObjectId child = git.commit("on top of what is lost");
    push("main~1..main");
    FoldPlan late = FoldPlan.of(packs, LIMITS, NOW.plus(Duration.ofDays(14)));
    assertThat(carryOut(late, List.of(tip))).isZero();
    assertThat(objects()).contains(lost, child);
    assertThat(objectsOf(packs.getFirst())).doesNotContain(lost, child);
  }

  @Test
  void noRefsLeaveOnlyWhatIsUnreached() throws IOException {
    pushes(2);
    Set<ObjectId> before = objects();
    carryOut(FoldPlan.of(packs, LIMITS, NOW), List.of());
    assertThat(packs).singleElement().matches(PackFacts::isUnreachable);
    assertThat(objects()).isEqualTo(before);
  }

  /** Git takes what is no file, link or folder for a submodule; JGit's walk stops there. */
  @Test
  void treesOfAnyModesAreFoldedAndFetched() throws IOException {
    pushes(2);
    ObjectId inner = git.id("main^{tree}");
    ByteArrayOutputStream tree = new ByteArrayOutputStream();
    for (String mode : List.of("1", "160755", "60000", "755")) {
      entry(tree, mode + " m" + mode, ObjectId.fromString("12345678".repeat(5)));
    }
    entry(tree, "40755 x", inner);
    ObjectId odd =
        ObjectId.fromString(
            git.run(
                tree.toByteArray(), "hash-object", "-t", "tree", "--literally", "-w", "--stdin"));
    ObjectId tip =
        ObjectId.fromString(git.run("commit-tree", "-p", "main", "-m", "odd", odd.name()));
    git.run("branch", "odd", tip.name());
    push("main..odd");
    Set<ObjectId> before = objects();

    carryOut(FoldPlan.of(packs, LIMITS, NOW), List.of(tip));
    assertThat(packs).singleElement().matches(pack -> pack.pack().bitmapBytes() > 0);
    assertThat(objects()).isEqualTo(before).contains(odd);
    FetchPack.Prepared fetched =
        new FetchPack(open(), temp).prepare(Set.of(tip), Set.of(git.id("main")));
    assertThat(fetched.objects()).isEqualTo(2);
    Files.delete(fetched.file().path());
    GitTree reader = new GitTree(open());
    assertThat(reader.list(reader.at(odd, "").orElseThrow()))
        .extracting(GitTree.Entry::type)
        .containsExactly(
            GitTree.Type.SUBMODULE,
            GitTree.Type.SUBMODULE,
            GitTree.Type.SUBMODULE,
            GitTree.Type.SUBMODULE,
            GitTree.Type.DIRECTORY);
  }

  private static void entry(ByteArrayOutputStream tree, String modeAndName, ObjectId id) {
    byte[] bytes = new byte[20];
    id.copyRawTo(bytes, 0);
    tree.writeBytes((modeAndName + "\0").getBytes(StandardCharsets.UTF_8));
    tree.writeBytes(bytes);
  }

  @Test
  void aPackThatIsNotWhatItsNameSaysStopsTheFold() throws IOException {
    pushes(3);
    StoredPack first = packs.getFirst().pack();
    String key = GitKeys.key(REPO, first.name(), GitKeys.Part.PACK);
    store.put(
        key,
        Content.of(new byte[(int) first.packBytes()]),
        null,
        ObjectStore.Condition.ALWAYS,
        "application/octet-stream");
    FoldPlan plan = FoldPlan.of(packs, LIMITS, NOW);
    assertThatThrownBy(() -> new Folder(storage, temp).fold(REPO, plan, List.of(git.id("main"))))
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CORRUPT))
        .hasMessageContaining(key);
  }

  @Test
  void aRefToNothingStopsTheFold() throws IOException {
    pushes(3);
    ObjectId nothing = ObjectId.fromString("1234567890123456789012345678901234567890");
    FoldPlan plan = FoldPlan.of(packs, LIMITS, NOW);
    assertThatThrownBy(() -> new Folder(storage, temp).fold(REPO, plan, List.of(nothing)))
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CORRUPT))
        .hasMessageContaining(nothing.name());
  }

  private void pushes(int count) throws IOException {
    for (int i = 0; i < count; i++) {
      git.write(
          "file.txt",
          ("line " + i + "\n").repeat(300)
              + Stream.iterate(1, n -> n * 7919 % 100_003).limit(2_000).toList());
      git.commit("commit " + i);
      if (i == 0) {
        push("--all");
      } else {
        push("main~1..main");
      }
    }
  }

  private void push(String... revisions) throws IOException {
    InputStream in = new BufferedInputStream(new ByteArrayInputStream(git.bundle(revisions)));
    BundleHeader.read(in);
    PackLimits limits = new PackLimits(1L << 30, 1_000_000, 64 << 20, 64 << 20);
    try (ReceivedPack received = new PackIntake(temp, limits).receive(in, open())) {
      received.store(store, REPO, false);
      packs.add(new PackFacts(received.stored(), false, NOW));
    }
  }

  private List<FoldPlan.Step> foldAll() {
    return packs.stream()
        .map(pack -> new FoldPlan.Step(pack, FoldPlan.Action.FOLD, "a test"))
        .toList();
  }

  private long carryOut(FoldPlan plan, List<ObjectId> tips) throws IOException {
    try (Folded folded = new Folder(storage, temp).fold(REPO, plan, tips)) {
      packs.removeIf(pack -> plan.folded().contains(pack.pack()));
      if (folded.pack().isPresent()) {
        packs.addFirst(new PackFacts(stored(folded.pack().get()), false, NOW));
      }
      if (folded.unreachable().isPresent()) {
        packs.add(new PackFacts(stored(folded.unreachable().get()), true, NOW));
      }
      return folded.dropped();
    }
  }

  private StoredPack stored(SpooledPack pack) throws IOException {
    git.requireSound(pack.packFile());
    // False where all that is reached is what one of the folded packs was.
    pack.store(store, REPO, false);
    return pack.stored();
  }

  private DfsRepository open() {
    return storage.open(REPO, packs.stream().map(PackFacts::pack).toList());
  }

  private Set<ObjectId> objects() throws IOException {
    Set<ObjectId> ids = new HashSet<>();
    for (PackFacts pack : packs) {
      ids.addAll(objectsOf(pack));
    }
    return ids;
  }

  private Set<ObjectId> objectsOf(PackFacts pack) throws IOException {
    Set<ObjectId> ids = new HashSet<>();
    DfsRepository repository = storage.open(REPO, List.of(pack.pack()));
    try (DfsReader reader = repository.getObjectDatabase().newReader()) {
      for (DfsPackFile file : repository.getObjectDatabase().getPacks()) {
        file.getPackIndex(reader).forEach(entry -> ids.add(entry.toObjectId()));
      }
    }
    return ids;
  }
}
