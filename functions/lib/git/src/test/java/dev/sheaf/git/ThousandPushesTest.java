package dev.sheaf.git;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.git.fold.FoldLimits;
import dev.sheaf.git.fold.FoldPlan;
import dev.sheaf.git.fold.Folded;
import dev.sheaf.git.fold.Folder;
import dev.sheaf.git.fold.PackFacts;
import dev.sheaf.testing.InMemoryObjectStore;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectInserter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A clone gets each live pack with one GET: after so many pushes they are few, and whole. */
class ThousandPushesTest {
  private static final int PUSHES = 1_000;
  private static final int PUSHES_A_FOLD = 20;
  private static final int MOST_GETS = 12;
  private static final Instant NOW = Instant.parse("2026-01-20T00:00:00Z");
  private static final FoldLimits LIMITS = FoldLimits.of(1L << 30, 1L << 33);
  private static final PackLimits PACKS = new PackLimits(1 << 20, 1_000, 1 << 20, 100_000);

  @TempDir Path temp;

  private final InMemoryObjectStore store = new InMemoryObjectStore();
  private final GitStorage storage = new GitStorage(store);
  private final List<PackFacts> packs = new ArrayList<>();

  @Test
  void aCloneMakesTwelveGetsAtMost() {
    ObjectId tip = ObjectId.zeroId();
    for (int push = 1; push <= PUSHES; push++) {
      tip = push(push, tip);
      if (push % PUSHES_A_FOLD == 0) {
        fold(tip);
        assertThat(packs).hasSizeLessThanOrEqualTo(MOST_GETS);
      }
    }
    assertThat(packs.stream().mapToLong(pack -> pack.pack().objects()).sum())
        .isEqualTo(3L * PUSHES);
  }

  private ObjectId push(int number, ObjectId parent) {
    byte[] blob = ("content " + number + "\n").getBytes(UTF_8);
    byte[] name = "100644 a\0".getBytes(UTF_8);
    byte[] tree = Arrays.copyOf(name, name.length + Constants.OBJECT_ID_LENGTH);
    id(Constants.OBJ_BLOB, blob).copyRawTo(tree, name.length);
    String commit =
        "tree %s\n%sauthor a <a@b> %3$d +0000\ncommitter a <a@b> %3$d +0000\n\nchange\n"
            .formatted(
                id(Constants.OBJ_TREE, tree).name(),
                number == 1 ? "" : "parent " + parent.name() + "\n",
                number);
    byte[] pack =
        new TestPack()
            .whole(Constants.OBJ_COMMIT, commit)
            .whole(Constants.OBJ_TREE, tree)
            .whole(Constants.OBJ_BLOB, blob)
            .bytes();
    List<StoredPack> before = packs.stream().map(PackFacts::pack).toList();
    try (ReceivedPack received =
        new PackIntake(temp, PACKS)
            .receive(
                new ByteArrayInputStream(pack), storage.open(GitStorageContract.REPO, before))) {
      received.store(store, GitStorageContract.REPO, false);
      packs.add(new PackFacts(received.stored(), false, NOW));
    }
    return id(Constants.OBJ_COMMIT, commit.getBytes(UTF_8));
  }

  private void fold(ObjectId tip) {
    FoldPlan plan = FoldPlan.of(packs, LIMITS, NOW);
    if (plan.kind() == FoldPlan.Kind.NOTHING) {
      return;
    }
    try (Folded folded =
        new Folder(storage, temp).fold(GitStorageContract.REPO, plan, List.of(tip))) {
      packs.removeIf(pack -> plan.folded().contains(pack.pack()));
      folded
          .pack()
          .ifPresent(pack -> {
            pack.store(store, GitStorageContract.REPO, false);
            packs.add(new PackFacts(pack.stored(), false, NOW));
          });
      assertThat(folded.unreachable()).isEmpty();
    }
  }

  private static ObjectId id(int type, byte[] data) {
    return new ObjectInserter.Formatter().idFor(type, data);
  }
}
