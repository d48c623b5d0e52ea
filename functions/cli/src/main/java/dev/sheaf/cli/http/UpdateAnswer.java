package dev.sheaf.cli.http;

import dev.sheaf.bundle.RefName;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The answer to an announcement.
 *
 * @param results one a ref
 * @param jobs jobs that prove what is pending; empty when all is proven
 * @param accepted how many of the results, from the first, are of requests before one that was
 *     refused as a whole: these refs have moved; all where none was
 */
public record UpdateAnswer(List<RefResult> results, List<String> jobs, int accepted) {
  public UpdateAnswer {
    results = List.copyOf(results);
    jobs = List.copyOf(jobs);
  }

  /** The refs that have moved although the push was refused, as it took several requests. */
  public Set<RefName> movedBefore() {
    return accepted == results.size()
        ? Set.of()
        : results.subList(0, accepted).stream()
            .map(RefResult::name)
            .collect(Collectors.toUnmodifiableSet());
  }
}
