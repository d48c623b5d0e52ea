package dev.sheaf.repository.git;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.repository.GitState;
import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.eclipse.jgit.errors.MissingObjectException;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectReader;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.revwalk.RevCommit;
import org.eclipse.jgit.revwalk.RevObject;
import org.eclipse.jgit.revwalk.RevWalk;
import org.jspecify.annotations.Nullable;

/** Looks at the objects of a repository, those of a push included, and remembers what it saw. */
final class Judge {
  private final Repository repository;
  private final GitState state;
  private final Set<ObjectId> looked = new HashSet<>();
  private final Map<ObjectId, Judgement.Facts> facts = new HashMap<>();
  private final Map<Judgement.Step, Boolean> forward = new HashMap<>();

  /**
   * @param state of the repository before its list of packs was read
   */
  Judge(Repository repository, GitState state) {
    this.repository = repository;
    this.state = state;
  }

  GitState state() {
    return state;
  }

  /**
   * Checks that no fold has dropped objects since the packs were listed: what was seen may be gone.
   *
   * @param now as it is under the repository's lock
   * @throws SheafException of kind UNAVAILABLE: begin again
   */
  void requireStillThere(GitState now) {
    if (now.epoch() != state.epoch()) {
      throw new SheafException(
          ErrorKind.UNAVAILABLE, "the repository was folded meanwhile; try again at once");
    }
  }

  /**
   * What was seen so far; it grows with what is looked at.
   *
   * @param job see {@link Judgement#job}
   */
  Judgement judgement(@Nullable String job) {
    return new Judgement(facts, forward, job);
  }

  /** The first of these objects that is not here; null when all are. */
  @Nullable ObjectId firstMissing(Collection<ObjectId> ids) {
    try (ObjectReader reader = repository.newObjectReader()) {
      for (ObjectId id : ids) {
        if (!reader.has(id)) {
          return id;
        }
      }
      return null;
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /** Sees what objects are. */
  void look(Collection<ObjectId> ids) {
    try (RevWalk walk = new RevWalk(repository)) {
      for (ObjectId id : ids) {
        if (looked.add(id)) {
          look(walk, id);
        }
      }
    }
  }

  private void look(RevWalk walk, ObjectId id) {
    try {
      RevObject object = walk.parseAny(id);
      boolean isTag = object.getType() == Constants.OBJ_TAG;
      ObjectId peeled = isTag ? walk.peel(object).copy() : null;
      facts.put(id.copy(), new Judgement.Facts(object.getType(), peeled));
    } catch (MissingObjectException e) {
      if (!e.getObjectId().equals(id)) {
        throw unreadable(e);
      }
      // Not here: it has no facts.
    } catch (IOException e) {
      throw unreadable(e);
    } catch (IndexOutOfBoundsException | ClassCastException | IllegalArgumentException e) {
      throw odd(id, e);
    }
  }

  /**
   * Sees where steps lead.
   *
   * @return whether all could be told: not from where nothing is here yet
   */
  boolean judge(Collection<Judgement.Step> steps) {
    boolean all = true;
    for (Judgement.Step step : steps) {
      all &= forward.containsKey(step) || judge(step);
    }
    return all;
  }

  private boolean judge(Judgement.Step step) {
    try (RevWalk walk = new RevWalk(repository)) {
      walk.setRetainBody(false);
      RevObject from = walk.parseAny(step.from());
      RevObject to = walk.parseAny(step.to());
      forward.put(
          step,
          from instanceof RevCommit before
              && to instanceof RevCommit after
              && walk.isMergedInto(before, after));
      return true;
    } catch (MissingObjectException e) {
      if (e.getObjectId().equals(step.from())) {
        return false;
      }
      throw unreadable(e);
    } catch (IOException e) {
      throw unreadable(e);
    } catch (IndexOutOfBoundsException | ClassCastException | IllegalArgumentException e) {
      throw odd(step.to(), e);
    }
  }

  /** Whether all of these objects were seen to be here. */
  boolean knows(Collection<ObjectId> ids) {
    return facts.keySet().containsAll(ids);
  }

  /** Whether all of these objects were looked for. */
  boolean hasLooked(Collection<ObjectId> ids) {
    return looked.containsAll(ids);
  }

  /** Whether all of these steps were seen. */
  boolean hasJudged(Collection<Judgement.Step> steps) {
    return forward.keySet().containsAll(steps);
  }

  /** Steps from what is not here lead nowhere. */
  void refuse(Collection<Judgement.Step> steps) {
    steps.forEach(step -> forward.putIfAbsent(step, false));
  }

  /** JGit throws whatever comes of reading an object that is not as it thinks. */
  private static SheafException odd(ObjectId id, RuntimeException e) {
    return new SheafException(
        ErrorKind.INVALID,
        "object %s, or one that it builds on, is not as this site can read it: %s"
            .formatted(id.name(), e.getMessage()),
        e);
  }

  private static SheafException unreadable(IOException e) {
    return new SheafException(ErrorKind.INVALID, "an object cannot be read: " + e.getMessage(), e);
  }
}
