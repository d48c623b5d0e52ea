package dev.sheaf.localstack.servers.s3.awssdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** Writes that are to happen only if nobody else has written. */
interface S3ConditionsContract extends S3UnderTest {
  @Test
  default void twoHundredIncrementsUnderIfMatchAreAllCounted() throws Exception {
    put("counter", "0");
    race(200, i -> increment());
    assertThat(get("counter")).isEqualTo("200");
  }

  private void increment() {
    while (true) {
      var present = s3().getObjectAsBytes(g -> g.bucket(BUCKET).key("counter"));
      String next = Integer.toString(Integer.parseInt(present.asUtf8String()) + 1);
      try {
        s3().putObject(
                p -> p.bucket(BUCKET).key("counter").ifMatch(present.response().eTag()),
                RequestBody.fromString(next));
        return;
      } catch (S3Exception e) {
        assertThat(e.statusCode()).isEqualTo(412);
      }
    }
  }

  @Test
  default void ofManyCreatorsOneSucceeds() throws Exception {
    var winners = new CopyOnWriteArrayList<String>();
    race(
        40,
        i -> {
          try {
            s3().putObject(
                    p -> p.bucket(BUCKET).key("once").ifNoneMatch("*"),
                    RequestBody.fromString("writer " + i));
            winners.add("writer " + i);
          } catch (S3Exception e) {
            assertThat(e.statusCode()).isEqualTo(412);
          }
        });
    assertThat(winners).hasSize(1);
    assertThat(get("once")).isEqualTo(winners.getFirst());
  }

  private static void race(int times, IntConsumer action) throws Exception {
    try (ExecutorService workers = Executors.newFixedThreadPool(8)) {
      List<? extends Future<?>> done =
          IntStream.range(0, times).mapToObj(i -> workers.submit(() -> action.accept(i))).toList();
      for (Future<?> each : done) {
        each.get();
      }
    }
  }

  @Test
  default void ifMatchOnNothingIsNotFound() {
    assertThatThrownBy(() ->
            s3().putObject(
                    p -> p.bucket(BUCKET).key("absent").ifMatch("\"0\""),
                    RequestBody.fromString("x")))
        .isInstanceOf(S3Exception.class)
        .extracting(e -> ((S3Exception) e).statusCode())
        .isEqualTo(404);
  }
}
