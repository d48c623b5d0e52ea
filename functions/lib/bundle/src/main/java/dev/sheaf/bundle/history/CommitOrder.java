package dev.sheaf.bundle.history;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;

/** Topological order of commits. Every id occurs once in the collections given. */
public final class CommitOrder {
  private static final int SHOWN = 10;

  private CommitOrder() {}

  /**
   * Parents before children, otherwise in input order (Kahn's algorithm; of several candidates the
   * one that came first in the input). Parents outside the collection do not count.
   *
   * @throws SheafException of kind INVALID when commits form a cycle, naming two of them
   */
  public static List<Commit> parentsFirst(Collection<Commit> commits) {
    List<Commit> input = List.copyOf(commits);
    Map<String, Integer> positions = positions(input);
    List<List<Integer>> children = new ArrayList<>();
    int[] waitingFor = new int[input.size()];
    input.forEach(_ -> children.add(new ArrayList<>(1)));
    for (int i = 0; i < waitingFor.length; i++) {
      for (String parent : Set.copyOf(input.get(i).parentIds())) {
        Integer position = positions.get(parent);
        if (position != null) {
          children.get(position).add(i);
          waitingFor[i]++;
        }
      }
    }
    List<Commit> ordered = sort(input, children, waitingFor);
    if (ordered.size() < input.size()) {
      throw cycle(input, positions, waitingFor);
    }
    return ordered;
  }

  /** The commits that no other commit names as a parent, in input order. */
  public static List<String> heads(Collection<Commit> commits) {
    Set<String> parents = new HashSet<>();
    commits.forEach(commit -> parents.addAll(commit.parentIds()));
    return commits.stream().map(Commit::commitId).filter(id -> !parents.contains(id)).toList();
  }

  /**
   * The one head, for the dialect that does not name it.
   *
   * @throws SheafException of kind INVALID when there is none or more than one
   */
  public static String onlyHead(Collection<Commit> commits) {
    List<String> heads = heads(commits);
    if (heads.size() == 1) {
      return heads.getFirst();
    }
    throw invalid(
        "%d commits have %d heads %s where exactly one is needed: send the history of one branch"
            .formatted(
                commits.size(), heads.size(), heads.subList(0, Math.min(SHOWN, heads.size()))));
  }

  private static List<Commit> sort(
      List<Commit> input, List<List<Integer>> children, int[] waitingFor) {
    PriorityQueue<Integer> ready = new PriorityQueue<>();
    for (int i = 0; i < waitingFor.length; i++) {
      if (waitingFor[i] == 0) {
        ready.add(i);
      }
    }
    List<Commit> ordered = new ArrayList<>(input.size());
    for (Integer next = ready.poll(); next != null; next = ready.poll()) {
      ordered.add(input.get(next));
      for (int child : children.get(next)) {
        if (--waitingFor[child] == 0) {
          ready.add(child);
        }
      }
    }
    return ordered;
  }

  /** Follows waiting parents from any commit that was left over until one comes round again. */
  private static SheafException cycle(
      List<Commit> input, Map<String, Integer> positions, int[] waitingFor) {
    int at = 0;
    while (waitingFor[at] == 0) {
      at++;
    }
    Set<Integer> trail = new LinkedHashSet<>();
    int from = at;
    while (trail.add(at)) {
      from = at;
      at = waitingParent(input.get(at), positions, waitingFor);
    }
    return invalid(
        "commits form a cycle: %s is an ancestor of its own parent %s; make the bundle again"
            .formatted(input.get(from).commitId(), input.get(at).commitId()));
  }

  private static int waitingParent(
      Commit commit, Map<String, Integer> positions, int[] waitingFor) {
    for (String parent : commit.parentIds()) {
      Integer position = positions.get(parent);
      if (position != null && waitingFor[position] > 0) {
        return position;
      }
    }
    throw new IllegalStateException("a commit that waits has a parent that waits");
  }

  private static Map<String, Integer> positions(List<Commit> input) {
    Map<String, Integer> positions = HashMap.newHashMap(input.size());
    for (int i = 0; i < input.size(); i++) {
      positions.put(input.get(i).commitId(), i);
    }
    return positions;
  }

  private static SheafException invalid(String message) {
    return new SheafException(ErrorKind.INVALID, message);
  }
}
