package dev.sheaf.localstack.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.model.Delete;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;
import software.amazon.awssdk.services.s3.model.S3Object;

/** What happens by the clock alone. */
class ScheduleTest {
  /** More than the five minutes between two runs on AWS. */
  private static final Duration PATIENCE = Duration.ofMinutes(7);

  /** From so many segments on a compaction has something to do. */
  private static final int SEGMENTS = 256;

  private final Target target = Target.shared();
  private final String journal = ".metadata/acceptance-" + UUID.randomUUID() + "/";

  /**
   * These segments are too young to be folded, so the compaction sets the clock by one of its own.
   */
  @Test
  void compactionComesByItself() throws Exception {
    try {
      for (int i = 0; i < SEGMENTS; i++) {
        String key = journal + "segment-%08x-0000-7000-8000-000000000000.json".formatted(i);
        target
            .s3()
            .putObject(
                put -> put.bucket(target.bucket()).key(key).contentType("application/json"),
                RequestBody.fromString("{\"ops\":[]}"));
      }
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (keys().size() <= SEGMENTS && System.nanoTime() < deadline) {
        Thread.sleep(1000);
      }
      assertThat(keys()).hasSizeGreaterThan(SEGMENTS);
    } finally {
      delete(keys());
    }
  }

  private List<String> keys() {
    return target
        .s3()
        .listObjectsV2Paginator(list -> list.bucket(target.bucket()).prefix(journal))
        .contents()
        .stream()
        .map(S3Object::key)
        .toList();
  }

  private void delete(List<String> keys) {
    for (int from = 0; from < keys.size(); from += 1000) {
      List<ObjectIdentifier> some =
          keys.subList(from, Math.min(keys.size(), from + 1000)).stream()
              .map(key -> ObjectIdentifier.builder().key(key).build())
              .toList();
      target
          .s3()
          .deleteObjects(delete ->
              delete.bucket(target.bucket()).delete(Delete.builder().objects(some).build()));
    }
  }
}
