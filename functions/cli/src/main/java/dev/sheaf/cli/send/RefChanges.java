package dev.sheaf.cli.send;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.RefName;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.cli.git.GitId;
import dev.sheaf.cli.git.Head;
import dev.sheaf.cli.git.LocalRefs;
import dev.sheaf.cli.git.LocalRepository;
import dev.sheaf.cli.git.RefBytes;
import dev.sheaf.cli.http.RefUpdate;
import dev.sheaf.cli.http.RefUpdate.Expected;
import dev.sheaf.cli.http.SiteRefs;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a push is to change on the server, decided before anything is sent.
 *
 * @param updates the refs, each with what the server said that it is
 * @param head what HEAD is to be; null: as it is
 * @param headStays why HEAD is not made what it is here, where somebody could miss it; null:
 *     nothing to say
 * @param onlyThere refs that are on the server and not here, and stay
 */
record RefChanges(
    List<RefUpdate> updates,
    @Nullable Head head,
    @Nullable String headStays,
    SortedSet<RefName> onlyThere) {
  /** Of more branches the server judges alone whether each builds on its present place. */
  private static final int JUDGED_HERE = 64;

  /** An object that HEAD needs and no ref names; null: none. */
  @Nullable GitId detached() {
    return head instanceof Head.Detached commit ? commit.id() : null;
  }

  /**
   * Decides.
   *
   * @throws SheafException of kind CONFLICT that names the refs that must not move
   */
  static RefChanges plan(
      LocalRepository repository, LocalRefs here, SiteRefs there, PushOptions options)
      throws IOException {
    return new Planner(repository, here, there, options).plan();
  }

  private static final class Planner {
    private final LocalRepository repository;
    private final LocalRefs here;
    private final SiteRefs there;
    private final PushOptions options;
    private final List<RefUpdate> updates = new ArrayList<>();
    private final List<RefUpdate> moved = new ArrayList<>();
    private final SortedSet<RefName> onlyThere = new TreeSet<>();

    Planner(LocalRepository repository, LocalRefs here, SiteRefs there, PushOptions options) {
      this.repository = repository;
      this.here = here;
      this.there = there;
      this.options = options;
    }

    RefChanges plan() throws IOException {
      if (!options.deleted().isEmpty()) {
        options.deleted().forEach(this::delete);
        return new RefChanges(updates, null, null, onlyThere);
      }
      here.refs().forEach(this::put);
      if (options.force()) {
        updates.addAll(moved);
      } else {
        judge();
      }
      if (options.branches().isEmpty()) {
        forOnlyThere();
      }
      Head head = head();
      return new RefChanges(updates, head, head == null ? headStays() : null, onlyThere);
    }

    private void delete(String named) {
      RefName name = RefName.of(named.startsWith("refs/") ? named : RefName.HEADS + named);
      GitId target = there.refs().get(name);
      if (target == null) {
        throw new SheafException(
            ErrorKind.NOT_FOUND, "the server has no " + name + "; 'sheaf refs' lists what it has");
      }
      delete(name, target);
    }

    private void delete(RefName name, GitId target) {
      updates.add(new RefUpdate(name, Expected.of(target), null, true));
    }

    private void put(RefName name, GitId target) {
      GitId old = there.refs().get(name);
      RefUpdate update = new RefUpdate(name, Expected.of(old), target, options.force());
      if (old == null) {
        updates.add(update);
      } else if (!old.equals(target)) {
        moved.add(update);
      }
    }

    /** Branches, notes and the like may go forward; a tag stays. */
    private void judge() throws IOException {
      boolean many = moved.size() > JUDGED_HERE;
      List<RefUpdate> judged = new ArrayList<>();
      for (RefUpdate update : moved) {
        (many && update.name().isBranch() ? updates : judged).add(update);
      }
      Collection<GitId> old =
          judged.stream().map(update -> there.refs().get(update.name())).toList();
      Set<GitId> present = repository.present(old);
      List<RefName> diverged = new ArrayList<>();
      for (RefUpdate update : judged) {
        RefName name = update.name();
        GitId from = there.refs().get(name);
        boolean tag = RefBytes.isIn(name, List.of("refs/tags/"));
        GitId to = update.target();
        boolean forward =
            from != null && to != null && present.contains(from) && repository.isAncestor(from, to);
        if (tag || !forward) {
          diverged.add(name);
        }
        // The server lets branches alone go forward.
        boolean force = !name.isBranch();
        updates.add(new RefUpdate(name, update.old(), update.target(), force));
      }
      if (!diverged.isEmpty()) {
        throw new SheafException(
            ErrorKind.CONFLICT,
            "the server has "
                + names(diverged)
                + " at a place that this repository does not build on; nothing was sent;"
                + " 'sheaf fetch' and merge, or push with --force to move them");
      }
    }

    private void forOnlyThere() throws IOException {
      RefName renamed = renamedFrom();
      for (Map.Entry<RefName, GitId> ref : there.refs().entrySet()) {
        RefName name = ref.getKey();
        if (here.refs().containsKey(name)) {
          continue;
        }
        if (options.prune() || (renamed != null && name.equals(renamed))) {
          delete(name, ref.getValue());
        } else {
          onlyThere.add(name);
        }
      }
    }

    /**
     * The server's default branch, if it goes by another name here: it is gone, and the branch that
     * HEAD names builds on it. Nothing is lost but the name.
     */
    private @Nullable RefName renamedFrom() throws IOException {
      if (!(there.head() instanceof Head.Branch before)
          || !(here.head() instanceof Head.Branch now)
          || here.refs().containsKey(before.name())
          || there.refs().containsKey(now.name())) {
        return null;
      }
      GitId old = there.refs().get(before.name());
      GitId target = here.refs().get(now.name());
      boolean builds =
          old != null
              && target != null
              && repository.present(List.of(old)).contains(old)
              && repository.isAncestor(old, target);
      return builds ? before.name() : null;
    }

    /** A branch without a commit, and a commit without a branch, are no reason to change it. */
    private @Nullable Head head() {
      Head wanted = here.head();
      if (wanted == null || wanted.equals(there.head())) {
        return null;
      }
      boolean branch = wanted instanceof Head.Branch named && here.refs().containsKey(named.name());
      boolean all = options.branches().isEmpty();
      return there.head() == null
          ? (branch || all ? wanted : null)
          : (branch && all ? wanted : null);
    }

    private @Nullable String headStays() throws IOException {
      if (!options.branches().isEmpty() || Objects.equals(here.head(), there.head())) {
        return null;
      }
      return switch (here.head()) {
        case null -> "HEAD names nothing that travels, and is left as it is there";
        case Head.Branch branch ->
            here.refs().containsKey(branch.name())
                ? null
                : "HEAD names "
                    + branch.name()
                    + ", which has no commit yet, and is left as it is there";
        case Head.Detached commit ->
            isHeld(commit.id())
                ? null
                : "HEAD is detached at "
                    + commit.id()
                    + ", which no ref holds, so it was not sent; 'git branch NAME "
                    + commit.id()
                    + "' and push again";
      };
    }

    /** Whether a ref that is pushed reaches a commit. */
    private boolean isHeld(GitId commit) throws IOException {
      StringBuilder revisions = new StringBuilder(commit + "\n");
      here.refs().values().forEach(id -> revisions.append('^').append(id).append('\n'));
      return repository
          .git()
          .output(revisions.toString(), "rev-list", "--max-count=1", "--stdin")
          .isEmpty();
    }

    private static String names(Collection<RefName> names) {
      return names.stream().map(RefName::toString).collect(Collectors.joining(", "));
    }
  }
}
