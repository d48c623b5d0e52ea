package dev.sheaf.cli.http;

import java.util.List;

/**
 * The answer to an announcement.
 *
 * @param results one a ref; of an atomic push at least those that kept it from taking place
 * @param jobs jobs that prove what is pending; empty when all is proven
 */
public record UpdateAnswer(List<RefResult> results, List<String> jobs) {
  public UpdateAnswer {
    results = List.copyOf(results);
    jobs = List.copyOf(jobs);
  }
}
