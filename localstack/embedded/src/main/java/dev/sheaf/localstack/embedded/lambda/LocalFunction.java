package dev.sheaf.localstack.embedded.lambda;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import com.amazonaws.services.lambda.runtime.serialization.PojoSerializer;
import com.amazonaws.services.lambda.runtime.serialization.events.LambdaEventSerializers;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A function, invoked as Lambda does it. Instances of its handler are made when they are needed,
 * kept for later invocations, and never used by two at a time; one that timed out is given up.
 *
 * <p>Unlike Lambda, more invocations than the function may have at a time wait for their turn, and
 * a handler that does not heed the interrupt goes on after its time is up.
 */
public final class LocalFunction implements AutoCloseable {
  /** Lambda's limit on what a synchronous invocation takes and answers: 6 MB. */
  public static final int PAYLOAD_BYTES = 6 * 1024 * 1024;

  private static final Logger log = LoggerFactory.getLogger(LocalFunction.class);

  private final Settings settings;
  private final Invoker invoker;
  private final Supplier<String> requestIds;
  private final LongSupplier nanoTime;
  private final Semaphore concurrency;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  private LocalFunction(
      Settings settings, Invoker invoker, Supplier<String> requestIds, LongSupplier nanoTime) {
    this.settings = settings;
    this.invoker = invoker;
    this.requestIds = requestIds;
    this.nanoTime = nanoTime;
    this.concurrency = new Semaphore(settings.concurrency());
  }

  /**
   * A function's configuration.
   *
   * @param memoryMb only told to the handler
   * @param timeout after which an invocation has failed
   * @param concurrency invocations at a time
   */
  public record Settings(String name, int memoryMb, Duration timeout, int concurrency) {}

  /**
   * Makes a function of a handler.
   *
   * @param event the class that the handler takes
   * @param answer the class that it returns
   * @param handlers makes a new instance; the first time at the first invocation
   */
  public static <I, O> LocalFunction of(
      Settings settings,
      Class<I> event,
      Class<O> answer,
      Supplier<? extends RequestHandler<I, O>> handlers,
      Supplier<String> requestIds,
      LongSupplier nanoTime) {
    return new LocalFunction(
        settings, new TypedInvoker<>(event, answer, handlers), requestIds, nanoTime);
  }

  /** Invokes the function and waits for the outcome, which is never an exception of the handler. */
  public Outcome invoke(String event) throws InterruptedException {
    if (event.getBytes(UTF_8).length > PAYLOAD_BYTES) {
      return new Outcome.Failure(
          "RequestEntityTooLargeException",
          "the event is larger than " + PAYLOAD_BYTES + " bytes, Lambda's limit");
    }
    concurrency.acquire();
    try {
      Invocation context = new Invocation(settings, requestIds.get(), nanoTime);
      return outcome(threads.submit(() -> invoker.invoke(event, context)));
    } finally {
      concurrency.release();
    }
  }

  private Outcome outcome(Future<String> running) throws InterruptedException {
    try {
      String answer = running.get(settings.timeout().toMillis(), TimeUnit.MILLISECONDS);
      if (answer.getBytes(UTF_8).length > PAYLOAD_BYTES) {
        return failed(
            "Function.ResponseSizeTooLarge",
            "Response payload size exceeded maximum allowed payload size ("
                + PAYLOAD_BYTES
                + " bytes).");
      }
      return new Outcome.Answer(answer);
    } catch (TimeoutException e) {
      running.cancel(true);
      return failed(
          "Sandbox.Timedout",
          "Task timed out after %.2f seconds".formatted(settings.timeout().toMillis() / 1000.0));
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      log.error("function {} failed", settings.name(), cause);
      return new Outcome.Failure(cause.getClass().getName(), String.valueOf(cause.getMessage()));
    } catch (InterruptedException e) {
      running.cancel(true);
      throw e;
    }
  }

  private Outcome failed(String type, String message) {
    log.error("function {} failed: {}", settings.name(), message);
    return new Outcome.Failure(type, message);
  }

  /** Interrupts what is running and waits for it to end. */
  @Override
  public void close() {
    threads.shutdownNow();
    threads.close();
  }

  private interface Invoker {
    String invoke(String event, Context context);
  }

  private static final class TypedInvoker<I, O> implements Invoker {
    private final PojoSerializer<I> events;
    private final PojoSerializer<O> answers;
    private final Supplier<? extends RequestHandler<I, O>> handlers;
    private final ConcurrentLinkedDeque<RequestHandler<I, O>> idle = new ConcurrentLinkedDeque<>();

    TypedInvoker(
        Class<I> event, Class<O> answer, Supplier<? extends RequestHandler<I, O>> handlers) {
      ClassLoader loader = LocalFunction.class.getClassLoader();
      this.events = LambdaEventSerializers.serializerFor(event, loader);
      this.answers = LambdaEventSerializers.serializerFor(answer, loader);
      this.handlers = handlers;
    }

    @Override
    public String invoke(String event, Context context) {
      RequestHandler<I, O> warm = idle.pollFirst();
      RequestHandler<I, O> handler = warm == null ? handlers.get() : warm;
      O answer =
          handler.handleRequest(
              events.fromJson(new ByteArrayInputStream(event.getBytes(UTF_8))), context);
      ByteArrayOutputStream json = new ByteArrayOutputStream();
      answers.toJson(answer, json);
      if (!Thread.currentThread().isInterrupted()) {
        idle.addFirst(handler);
      }
      return json.toString(UTF_8);
    }
  }
}
