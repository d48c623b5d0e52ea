package dev.sheaf.repository.intake;

import dev.sheaf.repository.history.ObjectRows;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What an attempt has stored, written down as proofs every so often: the next attempt neither
 * decodes nor stores it again. An intake that ends in time to commit before anything is due costs
 * no statement.
 */
final class Progress {
  private final Intake.Ports ports;
  private final String repoId;
  private final PutPool puts;
  private @Nullable String jobId;
  private BooleanSupplier isShortOfTime = () -> false;
  private Instant since;
  private int writtenObjects;
  private long writtenBytes;

  Progress(Intake.Ports ports, String repoId, PutPool puts) {
    this.ports = ports;
    this.repoId = repoId;
    this.puts = puts;
    this.since = ports.time().instant();
  }

  /** From here on proofs belong to a job. */
  void begin(String job, BooleanSupplier shortOfTime) {
    jobId = job;
    isShortOfTime = shortOfTime;
  }

  /**
   * Writes down what is due, while more is to come.
   *
   * @throws OutOfTimeException when the time is short, after everything in flight has ended
   */
  void check(ObjectPipeline pipeline) {
    if (jobId == null) {
      return;
    }
    if (isShortOfTime.getAsBoolean() && puts.storedCount() > 0) {
      pipeline.await();
      stop();
    }
    if (isDue()) {
      write();
    }
  }

  /**
   * All is stored, and what is left is the transaction: should the time not be enough for it, the
   * next attempt comes to it at once.
   */
  void checkAtEnd() {
    if (isShortOfTime.getAsBoolean()) {
      write();
    }
  }

  private void stop() {
    write();
    throw new OutOfTimeException(puts.storedCount());
  }

  private boolean isDue() {
    Limits.Progress limits = ports.limits().progress();
    int objects = puts.storedCount() - writtenObjects;
    return objects > 0
        && (objects >= limits.objects()
            || puts.storedBytes() - writtenBytes >= limits.bytes()
            || Duration.between(since, ports.time().instant()).compareTo(limits.time()) >= 0);
  }

  /** Writes down what is not, due or not; nothing when there is no job. */
  void write() {
    if (jobId == null) {
      return;
    }
    List<ObjectRows.Stored> unwritten = unwritten();
    if (!unwritten.isEmpty()) {
      Instant now = ports.time().instant();
      new ObjectRows(ports.catalog())
          .putProven(repoId, jobId, unwritten, ports.store().bucket(), now);
      writtenObjects += unwritten.size();
      unwritten.forEach(object -> writtenBytes += object.sizeBytes());
      since = now;
    }
  }

  /** What is stored and not written down. */
  List<ObjectRows.Stored> unwritten() {
    List<ObjectRows.Stored> stored = puts.stored();
    return stored.subList(writtenObjects, stored.size());
  }

  /** What is written down as proofs. */
  List<ObjectRows.Stored> written() {
    return puts.stored().subList(0, writtenObjects);
  }
}
