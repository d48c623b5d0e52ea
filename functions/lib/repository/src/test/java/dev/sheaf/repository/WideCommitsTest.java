package dev.sheaf.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.history.Commit;
import dev.sheaf.bundle.msgpack.PackedMap;
import dev.sheaf.repository.history.Ancestry;
import dev.sheaf.repository.history.CommitRows;
import dev.sheaf.repository.history.Commits;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Commits that no row, request or result of the Data API would take as they are. */
class WideCommitsTest extends PushTest {
  private static Commit commit(String id, List<String> parents, Map<String, ?> meta) {
    return new Commit(id, null, "m", "2026-01-01T00:00:00Z", parents, "", "", PackedMap.of(meta));
  }

  private static List<String> roots(int count) {
    return IntStream.range(0, count).mapToObj(i -> "root-" + i).toList();
  }

  private static TestPush octopus(int parents) {
    TestPush push = new TestPush();
    roots(parents).forEach(root -> push.add(commit(root, List.of(), Map.of())));
    return push.add(commit("octopus", roots(parents), Map.of())).head("main", "octopus");
  }

  @Test
  void aCommitOf14000ParentsIsWrittenAndWalked() throws IOException {
    push(octopus(14_000));
    push(new TestPush().add(commit("next", List.of("octopus"), Map.of())).head("main", "next"));

    Ancestry ancestry = new Ancestry(catalog);
    assertThat(ancestry.reaches(repo.repoId(), List.of("next"), "root-0")).isTrue();
    assertThat(ancestry.missing(repo.repoId(), List.of("next"), List.of()).size())
        .isEqualTo(14_002);
    Commit read = new Commits(catalog).find(repo.repoId(), "octopus").orElseThrow();
    assertThat(read.parentIds()).isEqualTo(roots(14_000));
  }

  @Test
  void moreParentsAreRefusedByName() {
    assertRefused(octopus(CommitRows.MOST_PARENTS + 1), "octopus has 16385 parents; 16384 are");
  }

  @Test
  void aCommitThatFitsIntoNoRequestIsRefusedByName() {
    byte[] random = new byte[6 << 20];
    new Random(1).nextBytes(random);
    TestPush push = new TestPush().add(commit("wide", List.of(), Map.of("x", random)));
    assertRefused(push.head("main", "wide"), "commit wide has ");
  }

  @Test
  void aCommitOfTheGreatestSizeIsWrittenAndRead() throws IOException {
    byte[] random = new byte[CommitRows.MOST_RECORD_BYTES - 1_000];
    new Random(1).nextBytes(random);
    push(new TestPush().add(commit("wide", List.of(), Map.of("x", random))).head("main", "wide"));
    Commit read = new Commits(catalog).find(repo.repoId(), "wide").orElseThrow();
    assertThat(read.meta().get("x")).isEqualTo(random);
  }

  private void assertRefused(TestPush push, String reason) {
    assertThatThrownBy(() -> push(push))
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.TOO_LARGE))
        .hasMessageContaining(reason);
    assertThat(heads()).isEmpty();
    assertThat(new ArrayList<>(jobs().list(repo.repoId(), 9))).isEmpty();
  }
}
