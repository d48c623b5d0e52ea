package dev.sheaf.repository.git;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.RefName;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.repository.GitHead;
import dev.sheaf.repository.GitRef;
import dev.sheaf.repository.GitRefWrites;
import dev.sheaf.repository.git.RefResult.Reason;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.eclipse.jgit.lib.ObjectId;
import org.jspecify.annotations.Nullable;

/** Decides about the refs of one push: no request is made here, and nothing written. */
final class RefPlanner {
  /** As many refs as a repository has at most. */
  static final int MOST_REFS = 100_000;

  private static final List<String> LIKELY = List.of("main", "master");

  private final RefsRequest request;
  private final Present present;
  private final Judgement judgement;

  private final Map<RefName, RefResult> results = new LinkedHashMap<>();

  /** What only the judgement's job can tell. */
  private final Set<RefName> left = new HashSet<>();

  private final Set<Judgement.Step> unjudged = new HashSet<>();

  /**
   * What is there.
   *
   * @param refs those of the push that exist, and those that lie on the way to them or below
   * @param count how many the repository has
   * @param head null for none yet
   */
  record Present(Map<RefName, GitRef> refs, long count, @Nullable GitHead head) {}

  private RefPlanner(RefsRequest request, Present present, Judgement judgement) {
    this.request = request;
    this.present = present;
    this.judgement = judgement;
  }

  /** Decides about a push. */
  static RefPlan plan(RefsRequest request, Present present, Judgement judgement) {
    return new RefPlanner(request, present, judgement).plan();
  }

  private RefPlan plan() {
    request.updates().forEach(update -> results.put(update.name(), judge(update)));
    refuseConflicts();
    refuseBeyondLimit();
    if (request.atomic() && results.values().stream().anyMatch(RefResult::isRejected)) {
      results.replaceAll((name, result) ->
          result.isRejected() ? result : RefResult.rejected(name, Reason.ATOMIC, null));
    }
    List<RefPlan.Move> moves = moves();
    GitHead head = head(moves);
    ObjectId later =
        head instanceof GitHead.Detached(ObjectId commit) && !judgement.facts().containsKey(commit)
            ? commit
            : null;
    return new RefPlan(
        List.copyOf(results.values()),
        moves,
        later == null ? head : null,
        later,
        Set.copyOf(unjudged));
  }

  private RefResult judge(RefUpdate update) {
    GitRef ref = present.refs().get(update.name());
    ObjectId at = ref == null ? null : ref.target();
    ObjectId target = update.target();
    // A push that is sent again, as its answer was lost, is one that has succeeded.
    if (target == null ? at == null : target.equals(at)) {
      return RefResult.unchanged(update.name());
    }
    boolean isExpected =
        switch (update.expected()) {
          case RefUpdate.Expected.Anything() -> true;
          case RefUpdate.Expected.Absent() -> at == null;
          case RefUpdate.Expected.At(ObjectId expected) -> expected.equals(at);
        };
    if (!isExpected) {
      return RefResult.rejected(update.name(), Reason.STALE, at);
    }
    Reason fault = target == null ? null : fault(update, ref, target);
    return fault == null
        ? RefResult.ok(update.name())
        : RefResult.rejected(update.name(), fault, at);
  }

  /** Why a ref cannot be moved or made; null when it can. */
  private @Nullable Reason fault(RefUpdate update, @Nullable GitRef ref, ObjectId target) {
    boolean isBranch = update.name().isBranch();
    if (ref != null && !update.force() && !isBranch) {
      return Reason.NON_FAST_FORWARD;
    }
    Judgement.Facts facts = judgement.facts().get(target);
    if (facts == null) {
      left.add(update.name());
      return judgement.job() == null ? Reason.MISSING_OBJECTS : null;
    }
    if (isBranch && !facts.isCommit()) {
      return Reason.NOT_A_COMMIT;
    }
    if (ref == null || update.force()) {
      return null;
    }
    Judgement.Step step = new Judgement.Step(ref.target(), target);
    Boolean forward = judgement.forward().get(step);
    if (forward == null) {
      if (ref.unprovenBy() != null && judgement.job() != null) {
        left.add(update.name());
      } else {
        unjudged.add(step);
      }
      return null;
    }
    return forward ? null : Reason.NON_FAST_FORWARD;
  }

  /** Of two names, one below the other, the one that is new is refused, or both. */
  private void refuseConflicts() {
    SortedSet<RefName> after = new TreeSet<>(present.refs().keySet());
    Set<RefName> created = new HashSet<>();
    for (RefUpdate update : request.updates()) {
      if (isOk(update.name())) {
        if (update.target() == null) {
          after.remove(update.name());
        } else if (after.add(update.name())) {
          created.add(update.name());
        }
      }
    }
    for (RefName name : after) {
      for (RefName folder : name.folders()) {
        if (after.contains(folder)) {
          refuse(created, name, folder);
        }
      }
    }
  }

  private void refuse(Set<RefName> created, RefName... names) {
    for (RefName name : names) {
      if (created.contains(name)) {
        results.put(name, RefResult.rejected(name, Reason.CONFLICTS, null));
      }
    }
  }

  private void refuseBeyondLimit() {
    long count = present.count();
    for (RefUpdate update : request.updates()) {
      if (isOk(update.name()) && update.target() == null) {
        count--;
      }
    }
    for (RefUpdate update : request.updates()) {
      boolean isNew = !present.refs().containsKey(update.name()) && update.target() != null;
      if (isOk(update.name()) && isNew && ++count > MOST_REFS) {
        results.put(update.name(), RefResult.rejected(update.name(), Reason.LIMIT, null));
      }
    }
  }

  private boolean isOk(RefName name) {
    RefResult result = results.get(name);
    return result != null && result.status() == RefResult.Status.OK;
  }

  private List<RefPlan.Move> moves() {
    List<RefPlan.Move> moves = new ArrayList<>();
    for (RefUpdate update : request.updates()) {
      if (isOk(update.name())) {
        moves.add(
            new RefPlan.Move(
                update,
                new GitRefWrites.Change(update.name(), moved(update)),
                present.refs().get(update.name())));
      }
    }
    return moves;
  }

  private @Nullable GitRef moved(RefUpdate update) {
    ObjectId target = update.target();
    if (target == null) {
      return null;
    }
    Judgement.Facts facts = judgement.facts().get(target);
    return facts == null || left.contains(update.name())
        ? new GitRef(update.name(), target, null, judgement.job())
        : new GitRef(update.name(), target, facts.peeled(), null);
  }

  /** What HEAD becomes; null where it stays. */
  private @Nullable GitHead head(List<RefPlan.Move> moves) {
    boolean isRefused =
        request.atomic() && results.values().stream().anyMatch(RefResult::isRejected);
    if (isRefused) {
      return null;
    }
    GitHead wanted = request.head();
    if (wanted == null && present.head() == null) {
      wanted = request.firstHead() == null ? likelyHead(moves) : request.firstHead();
    }
    if (wanted == null || wanted.equals(present.head())) {
      return null;
    }
    if (wanted instanceof GitHead.Detached(ObjectId commit)) {
      requireCommit(commit);
    }
    return wanted;
  }

  private void requireCommit(ObjectId head) {
    Judgement.Facts facts = judgement.facts().get(head);
    if (facts == null ? judgement.job() == null : !facts.isCommit()) {
      throw new SheafException(
          ErrorKind.INVALID,
          "HEAD is to be at "
              + head.name()
              + (facts == null ? ", which is not here" : ", which is no commit"));
    }
  }

  private static @Nullable GitHead likelyHead(List<RefPlan.Move> moves) {
    Map<String, RefName> branches = new HashMap<>();
    SortedSet<RefName> names = new TreeSet<>();
    for (RefPlan.Move move : moves) {
      RefName name = move.update().name();
      if (name.isBranch() && move.change().ref() != null) {
        names.add(name);
        name.branch().ifPresent(branch -> branches.put(branch, name));
      }
    }
    for (String likely : LIKELY) {
      RefName name = branches.get(likely);
      if (name != null) {
        return new GitHead.Symbolic(name);
      }
    }
    return names.isEmpty() ? null : new GitHead.Symbolic(names.first());
  }
}
