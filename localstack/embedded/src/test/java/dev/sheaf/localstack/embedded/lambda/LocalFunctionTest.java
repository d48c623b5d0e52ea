package dev.sheaf.localstack.embedded.lambda;

import static org.assertj.core.api.Assertions.assertThat;

import com.amazonaws.services.lambda.runtime.RequestHandler;
import com.amazonaws.services.lambda.runtime.events.APIGatewayProxyRequestEvent;
import com.amazonaws.services.lambda.runtime.events.APIGatewayProxyResponseEvent;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LocalFunctionTest {
  private final AtomicInteger ids = new AtomicInteger();

  private LocalFunction function(
      Duration timeout,
      int concurrency,
      Supplier<RequestHandler<APIGatewayProxyRequestEvent, APIGatewayProxyResponseEvent>>
          handlers) {
    return LocalFunction.of(
        new LocalFunction.Settings("f", 512, timeout, concurrency),
        APIGatewayProxyRequestEvent.class,
        APIGatewayProxyResponseEvent.class,
        handlers,
        () -> "request-" + ids.incrementAndGet(),
        System::nanoTime);
  }

  private static APIGatewayProxyResponseEvent answer(String body) {
    return new APIGatewayProxyResponseEvent().withStatusCode(200).withBody(body);
  }

  @Test
  void theHandlerGetsItsEventAndAContextThatCountsDown() throws Exception {
    try (LocalFunction f =
        function(
            Duration.ofSeconds(30),
            1,
            () ->
                (event, context) -> {
                  int left = context.getRemainingTimeInMillis();
                  return answer(
                      String.join(
                          " ",
                          event.getPath(),
                          context.getAwsRequestId(),
                          context.getFunctionName(),
                          String.valueOf(left > 0 && left <= 30_000)));
                })) {
      assertThat(f.invoke("{\"path\":\"/x\"}"))
          .isEqualTo(new Outcome.Answer("{\"statusCode\":200,\"body\":\"/x request-1 f true\"}"));
    }
  }

  @Test
  void whatAHandlerThrowsIsAFailure() throws Exception {
    try (LocalFunction f =
        function(
            Duration.ofSeconds(30),
            1,
            () ->
                (event, context) -> {
                  throw new IllegalStateException("broken");
                })) {
      assertThat(f.invoke("{}"))
          .isEqualTo(new Outcome.Failure("java.lang.IllegalStateException", "broken"));
    }
  }

  @Test
  void aHandlerThatTakesTooLongIsInterruptedAndItsInstanceGivenUp() throws Exception {
    AtomicInteger instances = new AtomicInteger();
    CountDownLatch interrupted = new CountDownLatch(1);
    try (LocalFunction f =
        function(
            Duration.ofMillis(200),
            1,
            () -> {
              int number = instances.incrementAndGet();
              return (event, context) -> {
                if (event.getPath().equals("/hang")) {
                  hang(interrupted);
                }
                return answer("instance " + number);
              };
            })) {
      assertThat(f.invoke("{\"path\":\"/hang\"}"))
          .isEqualTo(new Outcome.Failure("Sandbox.Timedout", "Task timed out after 0.20 seconds"));
      assertThat(interrupted.await(10, TimeUnit.SECONDS)).isTrue();
      assertThat(f.invoke("{\"path\":\"/\"}").toString()).contains("instance 2");
      assertThat(f.invoke("{\"path\":\"/\"}").toString()).contains("instance 2");
    }
  }

  private static void hang(CountDownLatch interrupted) {
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      interrupted.countDown();
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void refusesAnswersAndEventsAboveSixMegabytes() throws Exception {
    int room = LocalFunction.PAYLOAD_BYTES - "{\"statusCode\":200,\"body\":\"\"}".length();
    try (LocalFunction f =
        function(
            Duration.ofSeconds(30),
            1,
            () -> (event, context) -> answer("x".repeat(Integer.parseInt(event.getPath()))))) {
      assertThat(f.invoke("{\"path\":\"" + room + "\"}")).isInstanceOf(Outcome.Answer.class);
      assertThat(f.invoke("{\"path\":\"" + (room + 1) + "\"}"))
          .isInstanceOfSatisfying(
              Outcome.Failure.class,
              failure -> assertThat(failure.type()).isEqualTo("Function.ResponseSizeTooLarge"));
      assertThat(f.invoke("{\"body\":\"" + "x".repeat(LocalFunction.PAYLOAD_BYTES) + "\"}"))
          .isInstanceOf(Outcome.Failure.class);
    }
  }

  @Test
  void eachInvocationHasAnInstanceToItselfAndOnlySoManyRunAtATime() throws Exception {
    AtomicInteger running = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    AtomicInteger instances = new AtomicInteger();
    CyclicBarrier three = new CyclicBarrier(3);
    try (LocalFunction f =
            function(
                Duration.ofSeconds(30),
                3,
                () -> {
                  instances.incrementAndGet();
                  AtomicInteger users = new AtomicInteger();
                  return (event, context) -> {
                    assertThat(users.incrementAndGet()).isEqualTo(1);
                    most.accumulateAndGet(running.incrementAndGet(), Math::max);
                    await(three);
                    running.decrementAndGet();
                    users.decrementAndGet();
                    return answer("done");
                  };
                });
        ExecutorService callers = Executors.newFixedThreadPool(9)) {
      var outcomes =
          callers.invokeAll(java.util.Collections.nCopies(9, () -> f.invoke("{\"path\":\"/\"}")));
      for (var outcome : outcomes) {
        assertThat(outcome.get()).isInstanceOf(Outcome.Answer.class);
      }
    }
    assertThat(most.get()).isEqualTo(3);
    assertThat(instances.get()).isEqualTo(3);
  }

  private static void await(CyclicBarrier barrier) {
    try {
      barrier.await(30, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
