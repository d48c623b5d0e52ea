package dev.sheaf.repository.history;

import dev.sheaf.storage.catalog.Catalog;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Walks through the history of a repository.
 *
 * <p>A walk goes down from the newest commit asked for in the order of {@code seq}, reading parents
 * in pages, and stops as soon as the answer is known: what lies between two recent commits costs
 * two small statements, however long the history is. Unknown ids count as having no ancestors.
 */
public final class Ancestry {
  private final Catalog catalog;

  public Ancestry(Catalog catalog) {
    this.catalog = catalog;
  }

  /** The commits that are reachable from {@code want} and not from {@code have}. */
  public CommitSet missing(String repoId, Collection<String> want, Collection<String> have) {
    return missing(
        repoId,
        CommitSet.of(
            new Commits(catalog).seqs(repoId, want).values().stream().mapToInt(Integer::intValue)),
        have);
  }

  /** {@link #missing(String, Collection, Collection)} for commits whose numbers are known. */
  CommitSet missing(String repoId, CommitSet want, Collection<String> have) {
    if (want.isEmpty()) {
      return CommitSet.EMPTY;
    }
    HistoryWalk walk = new HistoryWalk(new ParentPages(catalog, repoId));
    want.seqs().forEach(walk::want);
    new Commits(catalog).seqs(repoId, have).values().forEach(walk::have);
    return walk.missing(Integer.MAX_VALUE);
  }

  /**
   * The newest commits reachable from some, themselves included, in the order of {@code seq}.
   *
   * @param limit how many at most
   */
  public CommitSet newest(String repoId, Collection<String> from, int limit) {
    HistoryWalk walk = new HistoryWalk(new ParentPages(catalog, repoId));
    new Commits(catalog).seqs(repoId, from).values().forEach(walk::want);
    return walk.missing(limit);
  }

  /**
   * Whether {@code target} is one of {@code from} or an ancestor of one of them.
   *
   * @param from commits
   * @param target a commit
   */
  record Question(Collection<String> from, String target) {}

  /**
   * What a client and a repository share.
   *
   * @param known the commits of the client that the repository has, in the client's order
   * @param newest the newest of them that a wanted commit is or descends from; null if none
   */
  public record Shared(List<String> known, @Nullable String newest) {}

  /** What a client that has some commits shares with a repository of which it wants others. */
  public Shared shared(String repoId, Collection<String> want, Collection<String> have) {
    Commits commits = new Commits(catalog);
    Map<String, Integer> had = have.isEmpty() ? Map.of() : commits.seqs(repoId, have);
    List<String> known = have.stream().filter(had::containsKey).distinct().toList();
    if (had.isEmpty() || want.isEmpty()) {
      return new Shared(known, null);
    }
    HistoryWalk walk = new HistoryWalk(new ParentPages(catalog, repoId));
    commits.seqs(repoId, want).values().forEach(walk::want);
    int newest = walk.newestOf(CommitSet.of(had.values().stream().mapToInt(seq -> seq)));
    return new Shared(
        known,
        known.stream().filter(id -> had.getOrDefault(id, 0) == newest).findFirst().orElse(null));
  }

  /** Whether {@code target} is one of {@code from} or an ancestor of one of them. */
  public boolean reaches(String repoId, Collection<String> from, String target) {
    return !reached(repoId, Map.of("", new Question(from, target))).isEmpty();
  }

  /**
   * Answers many questions with the statements of few: ids are looked up together, and walks share
   * the pages that they read.
   *
   * @return the keys of the questions to which the answer is yes
   */
  Set<String> reached(String repoId, Map<String, Question> questions) {
    Set<String> named = new HashSet<>();
    for (Question question : questions.values()) {
      named.addAll(question.from());
      named.add(question.target());
    }
    Map<String, Integer> seqs =
        named.isEmpty() ? Map.of() : new Commits(catalog).seqs(repoId, named);
    ParentPages pages = new ParentPages(catalog, repoId);
    Set<String> reached = new HashSet<>();
    questions.forEach((key, question) -> {
      Integer end = seqs.get(question.target());
      if (end != null) {
        HistoryWalk walk = new HistoryWalk(pages);
        question.from().stream().map(seqs::get).filter(Objects::nonNull).forEach(walk::want);
        if (walk.reaches(end)) {
          reached.add(key);
        }
      }
    });
    return reached;
  }
}
