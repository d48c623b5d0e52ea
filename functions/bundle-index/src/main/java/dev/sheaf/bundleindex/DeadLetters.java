package dev.sheaf.bundleindex;

import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.repository.Repo;
import dev.sheaf.repository.Repos;
import dev.sheaf.repository.job.Job;
import dev.sheaf.repository.job.Jobs;

/**
 * The queue of uploads that were given up. A job sends its upload there itself: the message that
 * used up the last attempt may have been a wake-up, or the event of another upload.
 */
final class DeadLetters {
  private final BundleIndex.Ports ports;
  private final Jobs jobs;

  DeadLetters(BundleIndex.Ports ports, Jobs jobs) {
    this.ports = ports;
    this.jobs = jobs;
  }

  /** Sends the upload of a job, as S3 would tell of it. */
  void send(Job job) {
    Repo repo = new Repos(ports.catalog()).byIdEvenDeleted(job.repoId()).orElseThrow();
    Jobs.Upload upload = jobs.upload(job);
    String key = ObjectKeys.bundle(repo.owner(), repo.name(), upload.bundle());
    ports
        .deadLetters()
        .get()
        .send(
            QueueMessage.upload(
                ports.store().bucket(), key, upload.sizeBytes(), upload.uploadId()));
  }
}
