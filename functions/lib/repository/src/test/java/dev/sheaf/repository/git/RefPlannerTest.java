package dev.sheaf.repository.git;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.RefName;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.repository.GitHead;
import dev.sheaf.repository.GitRef;
import dev.sheaf.repository.git.RefResult.Reason;
import dev.sheaf.repository.git.RefUpdate.Expected;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is decided about each ref of a push. */
class RefPlannerTest {
  private static final ObjectId A = id(1);
  private static final ObjectId B = id(2);
  private static final ObjectId TREE = id(3);
  private static final ObjectId TAG = id(4);
  private static final ObjectId NOWHERE = id(9);

  private final Map<RefName, GitRef> refs = new HashMap<>();
  private final Map<ObjectId, Judgement.Facts> facts =
      new HashMap<>(
          Map.of(
              A, new Judgement.Facts(Constants.OBJ_COMMIT, null),
              B, new Judgement.Facts(Constants.OBJ_COMMIT, null),
              TREE, new Judgement.Facts(Constants.OBJ_TREE, null),
              TAG, new Judgement.Facts(Constants.OBJ_TAG, A)));
  private final Map<Judgement.Step, Boolean> forward =
      new HashMap<>(Map.of(new Judgement.Step(A, B), true, new Judgement.Step(B, A), false));
  private @Nullable GitHead head = new GitHead.Symbolic(RefName.of("refs/heads/main"));
  private long count;

  private static ObjectId id(int number) {
    return ObjectId.fromString("%040x".formatted(number));
  }

  private void there(String name, ObjectId target) {
    refs.put(RefName.of(name), new GitRef(RefName.of(name), target, null, null));
    count++;
  }

  private static RefUpdate update(String name, @Nullable ObjectId target) {
    return new RefUpdate(RefName.of(name), new Expected.Anything(), target, false);
  }

  private static RefUpdate expecting(String name, Expected expected, @Nullable ObjectId target) {
    return new RefUpdate(RefName.of(name), expected, target, false);
  }

  private static RefUpdate forced(String name, ObjectId target) {
    return new RefUpdate(RefName.of(name), new Expected.Anything(), target, true);
  }

  private RefPlan plan(@Nullable String job, boolean atomic, RefUpdate... updates) {
    return RefPlanner.plan(
        new RefsRequest(List.of(updates), null, null, atomic),
        new RefPlanner.Present(refs, count, head),
        new Judgement(facts, forward, job));
  }

  /** Short name to status, or to the reason of a rejection. */
  private Map<String, Object> outcome(RefUpdate... updates) {
    return outcome(plan(null, false, updates));
  }

  private static Map<String, Object> outcome(RefPlan plan) {
    Map<String, Object> outcome = new LinkedHashMap<>();
    for (RefResult result : plan.results()) {
      Reason reason = result.reason();
      outcome.put(
          result.name().toString().substring("refs/".length()),
          reason == null ? result.status() : reason);
    }
    return outcome;
  }

  @Test
  void whatIsExpectedMustHold() {
    there("refs/heads/main", A);
    assertThat(outcome(expecting("refs/heads/main", new Expected.At(A), B)))
        .containsEntry("heads/main", RefResult.Status.OK);
    assertThat(outcome(expecting("refs/heads/main", new Expected.At(TREE), B)))
        .containsEntry("heads/main", Reason.STALE);
    assertThat(outcome(expecting("refs/heads/main", new Expected.Absent(), B)))
        .containsEntry("heads/main", Reason.STALE);
    assertThat(outcome(expecting("refs/heads/gone", new Expected.At(A), null)))
        .containsEntry("heads/gone", RefResult.Status.UNCHANGED);
    // Sent again, as its answer was lost.
    assertThat(outcome(expecting("refs/heads/main", new Expected.Absent(), A)))
        .containsEntry("heads/main", RefResult.Status.UNCHANGED);
  }

  @Test
  void branchesGoForwardAndOtherRefsStay() {
    there("refs/heads/main", B);
    there("refs/tags/v1", A);
    assertThat(outcome(update("refs/heads/main", A), update("refs/tags/v1", B)))
        .containsEntry("heads/main", Reason.NON_FAST_FORWARD)
        .containsEntry("tags/v1", Reason.NON_FAST_FORWARD);
    assertThat(outcome(forced("refs/heads/main", A), forced("refs/tags/v1", TAG)))
        .containsEntry("heads/main", RefResult.Status.OK)
        .containsEntry("tags/v1", RefResult.Status.OK);
  }

  @Test
  void whatNobodyHasLookedAtIsAskedForFirst() {
    there("refs/heads/main", A);
    forward.clear();
    assertThat(plan(null, false, update("refs/heads/main", B)).unjudged())
        .containsExactly(new Judgement.Step(A, B));
  }

  @Test
  void targetsAreHereAndBranchesPointToCommits() {
    assertThat(
            outcome(
                update("refs/heads/none", NOWHERE),
                update("refs/heads/tree", TREE),
                update("refs/heads/tag", TAG),
                update("refs/tags/tree", TREE)))
        .containsEntry("heads/none", Reason.MISSING_OBJECTS)
        .containsEntry("heads/tree", Reason.NOT_A_COMMIT)
        .containsEntry("heads/tag", Reason.NOT_A_COMMIT)
        .containsEntry("tags/tree", RefResult.Status.OK);
    RefPlan tags = plan(null, false, update("refs/tags/v1", TAG));
    assertThat(tags.moves().getFirst().change().ref())
        .isEqualTo(new GitRef(RefName.of("refs/tags/v1"), TAG, A, null));
  }

  @Test
  void aFileIsNoFolder() {
    there("refs/heads/a", A);
    there("refs/heads/b/c", A);
    assertThat(
            outcome(
                update("refs/heads/a/x", A),
                update("refs/heads/b", A),
                update("refs/heads/n", A),
                update("refs/heads/n/n", A),
                update("refs/heads/ab", A)))
        .containsEntry("heads/a/x", Reason.CONFLICTS)
        .containsEntry("heads/b", Reason.CONFLICTS)
        .containsEntry("heads/n", Reason.CONFLICTS)
        .containsEntry("heads/n/n", Reason.CONFLICTS)
        .containsEntry("heads/ab", RefResult.Status.OK);
    assertThat(outcome(update("refs/heads/a", null), update("refs/heads/a/x", A)))
        .containsEntry("heads/a", RefResult.Status.OK)
        .containsEntry("heads/a/x", RefResult.Status.OK);
  }

  @Test
  void aRepositoryHasSoManyRefsAndNoMore() {
    count = RefPlanner.MOST_REFS - 1;
    assertThat(outcome(update("refs/heads/x", A), update("refs/heads/y", A)))
        .containsEntry("heads/x", RefResult.Status.OK)
        .containsEntry("heads/y", Reason.LIMIT);
  }

  @Test
  void anAtomicPushIsWholeOrNothing() {
    there("refs/heads/main", A);
    RefPlan plan =
        plan(null, true, update("refs/heads/main", B), update("refs/heads/none", NOWHERE));
    assertThat(outcome(plan))
        .containsEntry("heads/main", Reason.ATOMIC)
        .containsEntry("heads/none", Reason.MISSING_OBJECTS);
    assertThat(plan.moves()).isEmpty();
    assertThat(plan.isRefused()).isTrue();
  }

  @Test
  void whatAJobIsToBringIsMarked() {
    there("refs/heads/main", A);
    RefPlan plan =
        plan("job", false, update("refs/heads/main", B), update("refs/heads/new", NOWHERE));
    assertThat(plan.moves())
        .extracting(move -> move.change().ref())
        .containsExactly(
            new GitRef(RefName.of("refs/heads/main"), B, null, null),
            new GitRef(RefName.of("refs/heads/new"), NOWHERE, null, "job"));
  }

  @Test
  void theFirstPushSetsHead() {
    head = null;
    assertThat(plan(null, false, update("refs/tags/v1", TAG)).head()).isNull();
    assertThat(plan(null, false, update("refs/heads/x", A), update("refs/heads/y", A)).head())
        .isEqualTo(new GitHead.Symbolic(RefName.of("refs/heads/x")));
    assertThat(plan(null, false, update("refs/heads/a", A), update("refs/heads/master", A)).head())
        .isEqualTo(new GitHead.Symbolic(RefName.of("refs/heads/master")));
    head = new GitHead.Symbolic(RefName.of("refs/heads/x"));
    assertThat(plan(null, false, update("refs/heads/main", A)).head()).isNull();
  }

  @Test
  void headIsDetachedAtACommitOnly() {
    for (ObjectId bad : List.of(NOWHERE, TREE)) {
      RefsRequest request = new RefsRequest(List.of(), new GitHead.Detached(bad), null, false);
      assertThatThrownBy(() ->
              RefPlanner.plan(
                  request,
                  new RefPlanner.Present(refs, count, head),
                  new Judgement(facts, forward, null)))
          .isInstanceOf(SheafException.class)
          .hasMessageContaining(bad.name());
    }
  }
}
