package dev.sheaf.repair;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.repair.presence.LyingStore;
import dev.sheaf.repository.Repo;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.catalog.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** A repository of more bundles than one invocation reads, and an object that may be in any. */
class SearchTest extends SiteTest {
  private static final int BUNDLES = 20;

  /** How many bundles an invocation reads. */
  private static final int AT_A_TIME = 4;

  private final List<String> got = new ArrayList<>();
  private final List<String> broken = new ArrayList<>();

  /** Reads of bundles, some of which fail. */
  private ObjectStore watched() {
    return new LyingStore(bucket)
        .beforeGet(key -> {
          if (key.startsWith("bundles/")) {
            got.add(key);
            if (broken.contains(key)) {
              throw new SheafException(ErrorKind.UNAVAILABLE, "503");
            }
          }
        });
  }

  /** The next cycle, of which an invocation reads so many bundles and no more. */
  private RepairTracker shortRun(Duration later) {
    clock.advance(later);
    int before = got.size();
    BooleanSupplier isShortOfTime = () -> got.size() - before >= AT_A_TIME;
    // What is behind the objects of a cycle takes no bundles: it is done all the same.
    CycleRun run = cycle(watched()).run(Optional.empty(), isShortOfTime);
    for (int i = 0; run.outcome() == CycleRun.Outcome.CONTINUES; i++) {
      assertThat(i).isLessThan(10);
      run = cycle(watched()).run(Optional.empty(), () -> false);
    }
    assertThat(run.outcome()).isEqualTo(CycleRun.Outcome.FINISHED);
    return run.cycle().orElseThrow();
  }

  private Repo repositoryOf(int bundles) {
    Repo repo = repo("r");
    for (int i = 0; i < bundles; i++) {
      push(repo, "o" + i);
      clock.advance(Duration.ofMinutes(1));
    }
    return repo;
  }

  private long exhaustive() {
    return catalog
        .execute(Statement.of("select count(*) as n from lost where exhaustive"))
        .first()
        .orElseThrow()
        .number("n");
  }

  @Test
  void aLossIsDeclaredHoweverManyBundlesThereAre() {
    pushWithoutBundle(repositoryOf(BUNDLES), "lonely");
    runCleanup();
    lose("lonely");
    long declared = 0;
    int cycles = 0;
    while (declared == 0) {
      declared += count(shortRun(Duration.ofDays(1)), Counter.LOST_DECLARED);
      if (cycles == 3) {
        assertThat(exhaustive()).as("16 of 20 have been read").isZero();
      }
      assertThat(cycles++).isLessThan(12);
    }
    assertThat(got.subList(1, 1 + BUNDLES))
        .as("each once, after the likely one")
        .doesNotHaveDuplicates();
    assertThat(lost().getFirst().reason()).contains("no stored bundle has it");
  }

  @Test
  void whatIsInAnUnlikelyBundleComesBackAfterSoManyCycles() {
    Repo repo = repo("r");
    push(repo, "hidden");
    repositoryOf(BUNDLES);
    catalog.execute(
        Statement.of("update object_refs set created_at = :now::timestamptz")
            .text("now", clock.instant().toString()));
    runCleanup();
    lose("hidden");
    for (int cycles = 0; !has("hidden"); cycles++) {
      shortRun(Duration.ofDays(1));
      assertThat(cycles).isLessThan(8);
    }
    run();
    assertThat(lost()).isEmpty();
    requireSound();
  }

  /** What comes while a search is under way is read, and it comes to its end all the same. */
  @Test
  void bundlesThatComeMeanwhileAreReadToo() {
    Repo repo = repositoryOf(BUNDLES);
    pushWithoutBundle(repo, "lonely");
    runCleanup();
    lose("lonely");
    for (int cycles = 0; exhaustive() == 0; cycles++) {
      shortRun(Duration.ofDays(1));
      push(repo, "later " + cycles);
      assertThat(cycles).isLessThan(12);
    }
    assertThat(got.stream().distinct()).hasSizeGreaterThan(BUNDLES + 4);
    Repo other = repo("other");
    ContentId late = push(other, "lonely");
    assertThat(late).isNotNull();
    run();
    assertThat(lost()).isEmpty();
  }

  /** As where several batches, and several incidents, stand at different places. */
  @Test
  void eachObjectIsLookedForFromItsOwnPlace() {
    Repo repo = repositoryOf(BUNDLES);
    pushWithoutBundle(repo, "first", "second");
    runCleanup();
    lose("first");
    shortRun(Duration.ofDays(1));
    shortRun(Duration.ofDays(1));
    lose("second");
    for (int cycles = 0; exhaustive() < 2; cycles++) {
      shortRun(Duration.ofDays(1));
      assertThat(cycles).isLessThan(12);
    }
    assertThat(got.stream().distinct()).hasSize(BUNDLES);
  }

  /** It may have it, and so nothing is proven until it has been read. */
  @Test
  void aBundleThatCannotBeReadKeepsALossFromBeingDeclared() {
    Repo repo = repo("r");
    ContentId silent = push(repo, "silent");
    pushWithoutBundle(repositoryOf(BUNDLES), "lonely");
    broken.add(bundleKey(repo, silent));
    runCleanup();
    lose("lonely");
    for (int cycles = 0; cycles < 14; cycles++) {
      shortRun(Duration.ofDays(1));
    }
    assertThat(got.stream().distinct()).as("all have been tried").hasSize(BUNDLES + 1);
    assertThat(exhaustive()).isZero();
    broken.clear();
    for (int cycles = 0; exhaustive() == 0; cycles++) {
      shortRun(Duration.ofDays(1));
      assertThat(cycles).isLessThan(12);
    }
  }
}
