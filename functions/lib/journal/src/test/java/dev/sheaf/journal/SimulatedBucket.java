package dev.sheaf.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.storage.ObjectStore;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One replica's way to the shared bucket: requests take time, fail before or after they took
 * effect, are sent twice, and get their stamps from nodes whose clocks differ. And it watches: no
 * segment may ever come to lie behind the mark, and the mark never goes back.
 */
final class SimulatedBucket implements ObjectStore {
  /** The longest that one put may take, all attempts included, as by the options. */
  private static final Duration PUT_TIMEOUT = Duration.ofSeconds(15);

  private static final int SKEW_MILLIS = 1_000;
  private static final int SLOWEST_PASSES = 4;

  private final FakeBucket bucket;
  private final Baton baton;
  private final Random random;
  private final Supplier<Boolean> crashed;
  private final double faults;

  /** Thrown into a thread whose process dies. Nothing may catch it. */
  static final class Crash extends Error {
    private static final long serialVersionUID = 1;

    Crash() {
      super("the process died", null, false, false);
    }
  }

  SimulatedBucket(
      FakeBucket bucket, Baton baton, Random random, double faults, Supplier<Boolean> crashed) {
    this.bucket = bucket;
    this.baton = baton;
    this.random = random;
    this.faults = faults;
    this.crashed = crashed;
  }

  /** Lets others run for a while; the store's clock goes on. */
  void takeTime() {
    for (int i = random.nextInt(SLOWEST_PASSES); i >= 0; i--) {
      baton.pass();
      if (crashed.get()) {
        throw new Crash();
      }
      bucket.advance(Duration.ofMillis(random.nextInt(700)));
    }
  }

  private boolean happens(double share) {
    return random.nextDouble() < share * faults;
  }

  private <T> T request(Supplier<T> effect) {
    takeTime();
    if (happens(0.03)) {
      throw unavailable("before");
    }
    T answer = effect.get();
    takeTime();
    if (happens(0.03)) {
      throw unavailable("after");
    }
    return answer;
  }

  private static SheafException unavailable(String when) {
    return new SheafException(ErrorKind.UNAVAILABLE, "simulated failure " + when + " the effect");
  }

  @Override
  public String bucket() {
    return bucket.bucket();
  }

  @Override
  public void requireBucket() {}

  @Override
  public PutResult put(
      String key, Content body, @Nullable ContentId sha256, Condition condition, String type) {
    if (condition instanceof Condition.Always) {
      return putSegment(key, body, type);
    }
    PutResult result = request(() -> putRollup(key, body, condition, type));
    if (result instanceof PutResult.Written && happens(0.05)) {
      throw unavailable("after"); // the election is won, and the winner does not know
    }
    return result;
  }

  private PutResult putRollup(String key, Content body, Condition condition, String type) {
    if (happens(0.05)) {
      return new PutResult.ConditionFailed(); // 409
    }
    Mark before = mark(key);
    Instant now = bucket.now();
    PutResult result = bucket.put(key, body, null, condition, type);
    if (result instanceof PutResult.Written) {
      Mark after = mark(key);
      assertThat(after.covers(before.lastModified(), before.segment()))
          .as("the mark goes back from %s to %s at %s", before, after, now)
          .isTrue();
    }
    return result;
  }

  private Mark mark(String rollupKey) {
    FakeBucket.Stored stored = bucket.objects.get(rollupKey);
    return stored == null ? Mark.ZERO : RollupCodec.decode(stored.body()).mark();
  }

  /** As S3's client does it: attempts, as long as the deadline has not passed. */
  private PutResult putSegment(String key, Content body, String type) {
    Instant begun = bucket.now();
    for (int attempt = 0; attempt < 3; attempt++) {
      takeTime();
      if (bucket.now().isAfter(begun.plus(PUT_TIMEOUT))) {
        break;
      }
      if (happens(0.1)) {
        continue; // did not arrive
      }
      PutResult result = store(key, body, type, begun);
      if (happens(0.1)) {
        continue; // its answer did not: sent again, under the same name
      }
      return answer(result, begun);
    }
    throw unavailable("or after");
  }

  /** Late answers count as failures, except to a process that was frozen and thaws. */
  private PutResult answer(PutResult result, Instant begun) {
    boolean frozen = happens(0.03);
    for (int i = frozen ? 40 : 0; i >= 0; i--) {
      takeTime();
    }
    if (!frozen && bucket.now().isAfter(begun.plus(PUT_TIMEOUT))) {
      throw unavailable("after");
    }
    return result;
  }

  /** A node stamps a put by its own clock, at any time since the put began. */
  private PutResult store(String key, Content body, String type, Instant begun) {
    Instant now = bucket.now();
    long since = Duration.between(begun, now).toMillis();
    Instant stamp =
        now.minusMillis(random.nextLong(since + 1))
            .plusMillis(random.nextInt(2 * SKEW_MILLIS) - SKEW_MILLIS);
    if (random.nextBoolean()) {
      stamp = Instant.ofEpochSecond(stamp.getEpochSecond()); // whole seconds, as S3 has them
    }
    Mark mark = mark(key.substring(0, key.lastIndexOf('/') + 1) + "rollup.json");
    assertThat(mark.covers(stamp, key.substring(key.lastIndexOf('/') + 1)))
        .as("%s would be behind the mark %s", key, mark)
        .isFalse();
    bucket.at(stamp);
    try {
      return bucket.put(key, body, null, Condition.ALWAYS, type);
    } finally {
      bucket.at(now);
    }
  }

  @Override
  public Optional<Download> get(String key, Read read) {
    return request(() -> bucket.get(key, read));
  }

  @Override
  public Optional<StoredObject> head(String key) {
    return request(() -> bucket.head(key));
  }

  @Override
  public Page list(String prefix, @Nullable String delimiter, @Nullable String continuation) {
    return request(() -> bucket.list(prefix, delimiter, continuation));
  }

  @Override
  public Page listAfter(String prefix, String startAfter) {
    return request(() -> bucket.listAfter(prefix, startAfter));
  }

  @Override
  public boolean deleteIf(String key, String etag) {
    return request(() -> bucket.deleteIf(key, etag));
  }

  /** Some keys may be deleted before it fails. */
  @Override
  public Map<String, String> delete(Collection<String> keys) {
    List<String> all = new ArrayList<>(keys);
    if (happens(0.1)) {
      takeTime();
      bucket.delete(all.subList(0, random.nextInt(all.size())));
      throw unavailable("during");
    }
    return request(() -> bucket.delete(all));
  }

  @Override
  public URI presignGet(String key, Duration lifetime) {
    return bucket.presignGet(key, lifetime);
  }

  @Override
  public PresignedPut presignPut(String key, ContentId sha256, long size, Duration lifetime) {
    return bucket.presignPut(key, sha256, size, lifetime);
  }

  @Override
  public URI presignUpload(String key, Duration lifetime) {
    return bucket.presignUpload(key, lifetime);
  }

  /** For a failing run: what is in the bucket. */
  static String describe(FakeBucket bucket) {
    StringBuilder text = new StringBuilder();
    bucket.objects.forEach((key, stored) ->
        text.append(stored.lastModified())
            .append(' ')
            .append(key)
            .append(' ')
            .append(new String(stored.body(), StandardCharsets.UTF_8))
            .append('\n'));
    return text.toString();
  }
}
