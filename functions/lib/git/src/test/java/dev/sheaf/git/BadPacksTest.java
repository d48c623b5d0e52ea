package dev.sheaf.git;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.eclipse.jgit.lib.Constants.OBJ_BLOB;
import static org.eclipse.jgit.lib.Constants.OBJ_COMMIT;
import static org.eclipse.jgit.lib.Constants.OBJ_TAG;
import static org.eclipse.jgit.lib.Constants.OBJ_TREE;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.testing.InMemoryObjectStore;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.AbstractThrowableAssert;
import org.eclipse.jgit.internal.storage.dfs.DfsRepository;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectInserter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a tenant may send: refused with a reason, and no file is left. */
class BadPacksTest {
  private static final PackLimits LIMITS = new PackLimits(1 << 20, 1_000, 1 << 20, 100_000);

  @TempDir Path temp;
  @TempDir Path work;

  private final DfsRepository empty =
      new GitStorage(new InMemoryObjectStore()).open(GitStorageContract.REPO, List.of());

  @AfterEach
  void nothingIsLeft() throws IOException {
    try (Stream<Path> files = Files.list(temp)) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void aSoundOneIsTaken() throws IOException {
    try (ReceivedPack received = receive(new TestPack().whole(OBJ_BLOB, "hello").bytes())) {
      assertThat(received.ids()).containsExactly(blobId("hello"));
    }
    try (ReceivedPack nothing = receive(new TestPack().bytes())) {
      assertThat(nothing.objects()).isZero();
      assertThat(nothing.store(new InMemoryObjectStore(), GitStorageContract.REPO, false))
          .isFalse();
    }
  }

  @Test
  void aHeaderThatAnnouncesMoreOrLess() {
    byte[] pack = new TestPack().whole(OBJ_BLOB, "hello").bytes();
    refused(withCount(pack, 2), ErrorKind.INVALID);
    refused(withCount(pack, 0), ErrorKind.INVALID);
  }

  @Test
  void tenMillionObjectsAnnounced() {
    refused(withCount(new TestPack().bytes(), 10_000_000), ErrorKind.TOO_LARGE)
        .hasMessageContaining("10000000 objects, 1000 are the most");
    refused(withCount(new TestPack().bytes(), -1), ErrorKind.TOO_LARGE);
  }

  @Test
  void whatIsNoPack() {
    refused(new byte[0], ErrorKind.INVALID);
    refused("PACK is what it says".getBytes(UTF_8), ErrorKind.INVALID);
    refused(new TestPack().whole(OBJ_BLOB, "x").version(9).bytes(), ErrorKind.INVALID);
  }

  @Test
  void cutOffAnywhere() {
    byte[] pack = new TestPack().whole(OBJ_BLOB, "hello").whole(OBJ_BLOB, "world").bytes();
    for (int length = 0; length < pack.length; length++) {
      refused(java.util.Arrays.copyOf(pack, length), ErrorKind.INVALID);
    }
  }

  @Test
  void moreBehindItsEnd() {
    byte[] pack = new TestPack().whole(OBJ_BLOB, "hello").bytes();
    refused(java.util.Arrays.copyOf(pack, pack.length + 1), ErrorKind.INVALID);
  }

  @Test
  void anyByteChanged() {
    byte[] pack = new TestPack().whole(OBJ_BLOB, "hello").whole(OBJ_BLOB, "world").bytes();
    for (int at = 0; at < pack.length; at++) {
      byte[] changed = pack.clone();
      changed[at] ^= 0x55;
      assertThatThrownBy(() -> receive(changed).close()).isInstanceOf(SheafException.class);
    }
  }

  @Test
  void anObjectThatInflatesToMoreThanItSays() {
    refused(new TestPack().whole(OBJ_BLOB, 3, "hello").bytes(), ErrorKind.INVALID);
    refused(new TestPack().whole(OBJ_BLOB, 300, "hello").bytes(), ErrorKind.INVALID);
  }

  @Test
  void anObjectTooLargeForMemory() {
    refused(new TestPack().whole(OBJ_TAG, "x".repeat(100_001)).bytes(), ErrorKind.TOO_LARGE)
        .hasMessageContaining("too large for this function's memory");
    TestPack delta = new TestPack();
    delta.delta(blobId("nowhere"), new byte[100_001]);
    refused(delta.bytes(), ErrorKind.TOO_LARGE).hasMessageContaining("100,001");
    refused(new TestPack().whole(OBJ_TREE, Long.MAX_VALUE >> 8, "x").bytes(), ErrorKind.TOO_LARGE);
  }

  @Test
  void aFileTooLargeForThisFunction() {
    refused(new TestPack().whole(OBJ_BLOB, (1 << 20) + 1L, "x").bytes(), ErrorKind.TOO_LARGE)
        .hasMessageContaining("it has 1048577 bytes, 1048576 are the most");
  }

  /** A few bytes that say "copy the base a thousand times". */
  @Test
  void aDeltaThatBlowsUp() {
    String base = "x".repeat(60_000);
    TestPack pack = new TestPack().whole(OBJ_BLOB, base);
    pack.delta(blobId(base), TestPack.copies(60_000, 3));
    refused(pack.bytes(), ErrorKind.TOO_LARGE).hasMessageContaining("180,000");
  }

  @Test
  void aPackTooLargeForTempSpace() {
    TestPack pack = new TestPack();
    java.util.Random random = new java.util.Random(1);
    for (int i = 0; i < 30; i++) {
      byte[] noise = new byte[50_000];
      random.nextBytes(noise);
      pack.whole(OBJ_BLOB, noise);
    }
    refused(pack.bytes(), ErrorKind.TOO_LARGE).hasMessageContaining("1048576 bytes of temp space");
  }

  @Test
  void aDeltaWithoutABase() {
    TestPack pack = new TestPack();
    pack.delta(blobId("nowhere"), TestPack.copies(7, 1));
    assertThatThrownBy(() -> receive(pack.bytes()).close())
        .isInstanceOf(MissingObjectsException.class)
        .hasMessageContaining(blobId("nowhere").name());
  }

  @Test
  void aDeltaThatDoesNotFitItsBase() {
    TestPack pack = new TestPack().whole(OBJ_BLOB, "hello");
    pack.delta(blobId("hello"), TestPack.copies(7, 1));
    refused(pack.bytes(), ErrorKind.INVALID);
  }

  @Test
  void anObjectTwice() {
    refused(
            new TestPack().whole(OBJ_BLOB, "hello").whole(OBJ_BLOB, "hello").bytes(),
            ErrorKind.INVALID)
        .hasMessageContaining("twice");
  }

  /** A base that is in the repository, and in the pack as a delta of something else there. */
  @Test
  void aThinPackThatBringsABaseAgain() throws IOException {
    InMemoryObjectStore store = new InMemoryObjectStore();
    GitStorage storage = new GitStorage(store);
    PackIntake intake = new PackIntake(temp, LIMITS);
    byte[] first =
        new TestPack().whole(OBJ_BLOB, "A".repeat(99)).whole(OBJ_BLOB, "A".repeat(198)).bytes();
    StoredPack stored;
    try (ReceivedPack received = intake.receive(new ByteArrayInputStream(first), empty)) {
      received.store(store, GitStorageContract.REPO, false);
      stored = received.stored();
    }
    for (boolean baseFirst : new boolean[] {true, false}) {
      TestPack thin = new TestPack();
      if (baseFirst) {
        thin.delta(blobId("A".repeat(99)), TestPack.copies(99, 2));
      }
      thin.delta(blobId("A".repeat(198)), TestPack.copies(198, 2));
      if (!baseFirst) {
        thin.delta(blobId("A".repeat(99)), TestPack.copies(99, 2));
      }
      DfsRepository base = storage.open(GitStorageContract.REPO, List.of(stored));
      try (ReceivedPack received = intake.receive(new ByteArrayInputStream(thin.bytes()), base)) {
        assertThat(received.ids())
            .containsExactlyInAnyOrder(
                blobId("A".repeat(99)), blobId("A".repeat(198)), blobId("A".repeat(396)));
        assertThat(received.stored().objects()).isEqualTo(3);
        Git.init(work.resolve("check")).requireSound(received.packFile());
      }
    }
  }

  @Test
  void objectsThatCannotBeRead() {
    for (int type : new int[] {OBJ_COMMIT, OBJ_TREE, OBJ_TAG}) {
      refused(new TestPack().whole(type, "nonsense").bytes(), ErrorKind.INVALID);
    }
    refused(new TestPack().whole(OBJ_TREE, "100644 a\0too short").bytes(), ErrorKind.INVALID);
    refused(new TestPack().whole(OBJ_COMMIT, "tree " + "z".repeat(40)).bytes(), ErrorKind.INVALID);
  }

  /** Whatever JGit makes of them later, the reason is given now, and names them. */
  @Test
  void objectsThatAWalkWouldStumbleOver() {
    String id = "1".repeat(40);
    String tree = "tree " + id + "\n";
    for (String commit :
        List.of(tree, tree + "parent " + id + "\n", tree + "purpose none\nauthor a <a> 0 +0\n")) {
      refused(new TestPack().whole(OBJ_COMMIT, commit).bytes(), ErrorKind.INVALID)
          .hasMessageContaining(id(OBJ_COMMIT, commit.getBytes(UTF_8)).name());
    }
    for (String rest : List.of("", "tagger a <a> 0 +0\n", "tag")) {
      String tag = "object %s\ntype commit\n%s".formatted(id, rest);
      refused(new TestPack().whole(OBJ_TAG, tag).bytes(), ErrorKind.INVALID)
          .hasMessageContaining(id(OBJ_TAG, tag.getBytes(UTF_8)).name());
    }
  }

  /** As flask's history has them, and odder: what is no file, link or folder is a submodule. */
  @Test
  void oddModesAreCarried() throws IOException {
    ObjectId blob = blobId("hello");
    ObjectId folder = id(OBJ_TREE, new byte[0]);
    TestPack pack = new TestPack().whole(OBJ_TREE, new byte[0]).whole(OBJ_BLOB, "hello");
    pack.whole(OBJ_TREE, tree("040000 a", folder)).whole(OBJ_TREE, tree("40755 a", folder));
    pack.whole(OBJ_TREE, tree("100600 a", blob)).whole(OBJ_TREE, tree("120777 a", blob));
    for (String mode : List.of("0", "755", "20000", "60000", "140000", "160755")) {
      pack.whole(OBJ_TREE, tree(mode + " a", blobId("nowhere")));
    }
    try (ReceivedPack received = receive(pack.bytes())) {
      assertThat(received.missing(empty, List.of(blob))).isEmpty();
    }
    pack.whole(OBJ_TREE, tree("41777 a", id(OBJ_TREE, tree("1 a", blob))));
    try (ReceivedPack received = receive(pack.bytes())) {
      assertThat(received.missing(empty, List.of())).hasSize(1);
    }
  }

  /** Git reads none of these either. */
  @Test
  void modesThatAreNoNumbers() {
    for (String entry : List.of(" a", "100848 a", "x a", "-1 a")) {
      refused(new TestPack().whole(OBJ_TREE, tree(entry, blobId(""))).bytes(), ErrorKind.INVALID);
    }
  }

  private static byte[] tree(String entry, ObjectId id) {
    byte[] name = (entry + "\0").getBytes(UTF_8);
    byte[] tree = java.util.Arrays.copyOf(name, name.length + 20);
    id.copyRawTo(tree, name.length);
    return tree;
  }

  @Test
  void anObjectNamedAsWhatItIsNot() throws IOException {
    ObjectId blob = blobId("hello");
    String commit =
        "tree %s\nauthor a <a> 0 +0000\ncommitter a <a> 0 +0000\n\n".formatted(blob.name());
    TestPack pack = new TestPack().whole(OBJ_BLOB, "hello").whole(OBJ_COMMIT, commit);
    try (ReceivedPack received = receive(pack.bytes())) {
      assertThatThrownBy(() -> received.missing(empty, List.of()))
          .isInstanceOf(SheafException.class)
          .hasMessageContaining("names the tree %s, which is a blob".formatted(blob.name()));
    }
  }

  @Test
  void aDiskThatFailsIsNobodysFault() throws IOException {
    byte[] pack = new TestPack().whole(OBJ_BLOB, "hello").bytes();
    Path gone = work.resolve("gone");
    unavailable(new PackIntake(gone, LIMITS), new ByteArrayInputStream(pack));
    // It went while the pack came: its index cannot be written.
    Files.createDirectory(gone);
    InputStream last =
        new FilterInputStream(new ByteArrayInputStream(pack)) {
          @Override
          public int read(byte[] target, int from, int length) throws IOException {
            int count = super.read(target, from, length);
            if (count < 0 && Files.exists(gone)) {
              try (Stream<Path> files = Files.list(gone)) {
                for (Path file : files.toList()) {
                  Files.delete(file);
                }
              }
              Files.delete(gone);
            }
            return count;
          }
        };
    unavailable(new PackIntake(gone, LIMITS), last);
    assertThat(gone).doesNotExist();
  }

  private void unavailable(PackIntake intake, InputStream pack) {
    assertThatThrownBy(() -> intake.receive(pack, empty).close())
        .isInstanceOfSatisfying(
            SheafException.class,
            e -> assertThat(e.kind()).as(e.getMessage()).isEqualTo(ErrorKind.UNAVAILABLE));
  }

  @Test
  void aStreamThatBreaksIsNobodysFault() {
    byte[] pack = new TestPack().whole(OBJ_BLOB, "hello").bytes();
    InputStream broken =
        new FilterInputStream(new ByteArrayInputStream(pack, 0, 20)) {
          @Override
          public int read(byte[] target, int from, int length) throws IOException {
            int count = super.read(target, from, length);
            if (count < 0) {
              throw new IOException("connection reset");
            }
            return count;
          }
        };
    assertThatThrownBy(() -> new PackIntake(temp, LIMITS).receive(broken, empty).close())
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.UNAVAILABLE));
  }

  private AbstractThrowableAssert<?, ? extends Throwable> refused(byte[] pack, ErrorKind kind) {
    return assertThatThrownBy(() -> receive(pack).close())
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.kind()).as(e.getMessage()).isEqualTo(kind));
  }

  private ReceivedPack receive(byte[] pack) {
    return new PackIntake(temp, LIMITS).receive(new ByteArrayInputStream(pack), empty);
  }

  private static byte[] withCount(byte[] pack, int count) {
    return TestPack.withCount(pack, count);
  }

  private static ObjectId blobId(String text) {
    return id(OBJ_BLOB, text.getBytes(UTF_8));
  }

  private static ObjectId id(int type, byte[] data) {
    return new ObjectInserter.Formatter().idFor(type, data);
  }
}
