package dev.sheaf.bundleindex;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.git.GitKeys;
import dev.sheaf.git.GitStorage;
import dev.sheaf.git.RepoPath;
import dev.sheaf.git.StoredPack;
import dev.sheaf.journal.site.SiteActivity;
import dev.sheaf.journal.site.SiteCounter;
import dev.sheaf.repository.Repo;
import dev.sheaf.repository.git.GitJob;
import dev.sheaf.repository.git.GitPorts;
import dev.sheaf.repository.git.GitReport;
import dev.sheaf.repository.intake.PhaseClock;
import dev.sheaf.repository.job.Jobs;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.Once;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.counting.RequestCounts;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs a job whose bundle turns out to be git's. */
final class GitIndexer {
  private static final Logger log = LoggerFactory.getLogger(GitIndexer.class);

  private final BundleIndex.Ports ports;

  /** Made for the first git bundle: a site may never see one. */
  private final Supplier<GitStorage> storage;

  private final Jobs jobs;
  private final SiteActivity activity;

  GitIndexer(BundleIndex.Ports ports, Jobs jobs, SiteActivity activity) {
    this.ports = ports;
    this.storage = new Once<>(() -> new GitStorage(ports.store()));
    this.jobs = jobs;
    this.activity = activity;
  }

  /** What one job is counted and timed by. */
  record Meters(Catalog catalog, ObjectStore store, RequestCounts requests, PhaseClock clock) {}

  /**
   * Runs a job to its end.
   *
   * @return whether its lane has anything left
   * @throws SheafException of a kind that {@link Failures} sorts into permanent or not
   * @throws IOException when the stream breaks
   */
  Jobs.Ended index(Jobs.Claim claim, Repo repo, Arrival arrival, Meters meters) throws IOException {
    if (arrival.size() > ports.packs().packBytes()) {
      throw new SheafException(
          ErrorKind.TOO_LARGE,
          "git bundle %s has %d bytes, and this site takes %d at most; push the history in parts"
              .formatted(arrival.key(), arrival.size(), ports.packs().packBytes()));
    }
    InputStream wire =
        arrival.isProven() ? arrival.body() : new ProvenInput(arrival.body(), arrival::requireName);
    GitPorts git =
        new GitPorts(
            meters.catalog(),
            meters.store(),
            storage.get(),
            ports.temp(),
            ports.packs(),
            ports.clock(),
            ports.log());
    Jobs counted = new Jobs(meters.catalog(), ports.clock(), ports.ids());
    GitJob job =
        new GitJob(
            git,
            counted,
            (transaction, report) -> {
              String result = result(report, meters).toString();
              Jobs.Ended ended = jobs.in(transaction).finish(claim, result);
              if (ended == Jobs.Ended.NOT) {
                throw new LostClaimException(claim.job().jobId());
              }
              return ended;
            });
    GitJob.Outcome outcome = job.run(claim, repo, wire, arrival.size());
    log.info(line(claim, outcome.report(), meters));
    note(repo, arrival, outcome.report());
    return outcome.ended();
  }

  private static ObjectNode result(GitReport report, Meters meters) {
    ObjectNode json = report.json();
    json.put("elapsed_ms", Math.round(meters.clock().elapsedMillis() * 10) / 10.0);
    ObjectNode counted = json.putObject("requests");
    meters.requests().asMap().forEach(counted::put);
    return json;
  }

  private static String line(Jobs.Claim claim, GitReport report, Meters meters) {
    ObjectNode line = report.json();
    line.put(
        "message",
        "[bundle.index] git bundle done in %.1fms: %s  job=%s"
            .formatted(meters.clock().elapsedMillis(), report.summary(), claim.job().jobId()));
    line.put("event", "job").put("status", "done");
    line.put("job_id", claim.job().jobId()).put("repo_id", claim.job().repoId());
    line.put("bundle", claim.job().bundle()).put("attempt", claim.job().attempt());
    ObjectNode counted = line.putObject("requests");
    meters.requests().asMap().forEach(counted::put);
    return line.toString();
  }

  /** After the commit: a job that is taken over or rolled back has done nothing. */
  private void note(Repo repo, Arrival arrival, GitReport report) {
    activity.count(SiteCounter.BUNDLES, 1);
    activity.count(SiteCounter.OBJECTS, report.objects());
    activity.count(SiteCounter.BYTES, arrival.size());
    activity.written(arrival.key());
    StoredPack pack = report.pack();
    if (pack != null) {
      RepoPath path = new RepoPath(repo.owner(), repo.name());
      activity.written(GitKeys.key(path, pack.name(), GitKeys.Part.PACK));
    }
  }
}
