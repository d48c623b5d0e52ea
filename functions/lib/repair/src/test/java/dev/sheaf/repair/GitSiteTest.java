package dev.sheaf.repair;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.RefName;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.git.GitStorage;
import dev.sheaf.git.PackLimits;
import dev.sheaf.repository.Repo;
import dev.sheaf.repository.SiteLog;
import dev.sheaf.repository.git.GitPorts;
import dev.sheaf.repository.git.GitPushes;
import dev.sheaf.repository.git.RefUpdate;
import dev.sheaf.repository.git.RefsRequest;
import dev.sheaf.repository.job.Jobs;
import dev.sheaf.storage.ObjectStore.Condition;
import java.io.ByteArrayInputStream;
import java.util.List;
import org.eclipse.jgit.lib.ObjectId;

/** A site with a git repository. */
abstract class GitSiteTest extends SiteTest {
  /** A push of main. */
  void announce(byte[] bundle, String commit) {
    Repo repo = repo("g");
    bucket.put(
        bundleKey(repo, Ids.object(bundle)),
        Content.of(bundle),
        Ids.object(bundle),
        Condition.ALWAYS,
        "x/y");
    new GitPushes(ports(), new Jobs(catalog, clock, ids), 1 << 20)
        .push(
            repo,
            new GitPushes.Bundle(
                Ids.object(bundle),
                bundle.length,
                clock.instant(),
                () -> new ByteArrayInputStream(bundle)),
            new RefsRequest(
                List.of(
                    RefUpdate.forward(RefName.of("refs/heads/main"), ObjectId.fromString(commit))),
                null,
                null,
                false));
  }

  GitPorts ports() {
    return new GitPorts(
        catalog,
        bucket,
        new GitStorage(bucket),
        spool,
        PackLimits.of(1L << 30, 1L << 30),
        clock,
        SiteLog.OFF);
  }
}
