package dev.sheaf.localstack.servers.s3.awssdk;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** Tells a listener of every object that is created, numbered as S3 numbers its events. */
final class Announcements {
  private final Consumer<ObjectCreated> listener;
  private final AtomicLong sequencer;

  /**
   * @param start numbers of this run are behind those of the run before
   */
  Announcements(Consumer<ObjectCreated> listener, long start) {
    this.listener = listener;
    this.sequencer = new AtomicLong(start << 20);
  }

  void announce(String event, Bucket bucket, StoredObject object) {
    listener.accept(
        new ObjectCreated(
            event,
            bucket.name(),
            object.key().toString(),
            object.size(),
            object.etag(),
            object.lastModified(),
            sequencer.incrementAndGet()));
  }
}
