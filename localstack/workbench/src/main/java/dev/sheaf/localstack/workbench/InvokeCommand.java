package dev.sheaf.localstack.workbench;

import com.amazonaws.services.lambda.runtime.RequestHandler;
import com.amazonaws.services.lambda.runtime.events.APIGatewayProxyRequestEvent;
import com.amazonaws.services.lambda.runtime.events.APIGatewayProxyResponseEvent;
import com.amazonaws.services.lambda.runtime.events.SQSBatchResponse;
import com.amazonaws.services.lambda.runtime.events.SQSEvent;
import dev.sheaf.api.ApiHandler;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundleindex.BundleIndexHandler;
import dev.sheaf.cli.process.Environment;
import dev.sheaf.cli.process.Visible;
import dev.sheaf.compaction.CompactionHandler;
import dev.sheaf.localstack.embedded.EmbeddedStack;
import dev.sheaf.localstack.embedded.lambda.LocalFunction;
import dev.sheaf.localstack.embedded.lambda.Outcome;
import dev.sheaf.peersync.PeerSyncHandler;
import dev.sheaf.storage.wiring.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code localstack/invoke}. */
@Command(
    name = "invoke",
    description =
        "Run a function here with an event, as Lambda would: on the site that the SHEAF_* variables"
            + " describe, else on an empty one in this process.",
    mixinStandardHelpOptions = true)
final class InvokeCommand implements Callable<Integer> {
  private static final int MEMORY_MB = 1024;

  @Parameters(
      index = "0",
      paramLabel = "bundle-index|api|compaction|peer-sync",
      description = "The function.")
  private String function = "";

  @Parameters(
      index = "1",
      paramLabel = "EVENT.json",
      description = "The event; events/ holds one of each kind.")
  private Path event = Path.of("");

  private final Environment environment;

  InvokeCommand(Environment environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    String json = Files.readString(environment.directory().resolve(event));
    if (environment.variables().containsKey("SHEAF_BUCKET")) {
      return invoke(environment.variables(), json);
    }
    environment.err().println("SHEAF_BUCKET is not set: using an empty site in this process");
    try (EmbeddedStack stack = EmbeddedStack.builder().start()) {
      return invoke(stack.environment(), json);
    }
  }

  private int invoke(Map<String, String> variables, String json) throws InterruptedException {
    try (LocalFunction handler = handler(variables)) {
      return switch (handler.invoke(json)) {
        case Outcome.Answer(String answer) -> {
          environment.out().println(answer);
          yield 0;
        }
        case Outcome.Failure(String type, String message) -> {
          environment.err().println(Visible.line("sheaf: " + type + ": " + message));
          yield 1;
        }
      };
    }
  }

  private LocalFunction handler(Map<String, String> variables) {
    return switch (function) {
      case "bundle-index" ->
          LocalFunction.of(
              new LocalFunction.Settings("bundle-index", MEMORY_MB, Duration.ofMinutes(15), 1),
              SQSEvent.class,
              SQSBatchResponse.class,
              () -> new BundleIndexHandler(variables),
              Machine.IDS,
              environment.nanoTime());
      case "api" ->
          LocalFunction.of(
              new LocalFunction.Settings("api", MEMORY_MB, Duration.ofSeconds(29), 1),
              APIGatewayProxyRequestEvent.class,
              APIGatewayProxyResponseEvent.class,
              () -> new ApiHandler(variables),
              Machine.IDS,
              environment.nanoTime());
      case "compaction" -> scheduled(() -> new CompactionHandler(variables));
      case "peer-sync" -> scheduled(() -> new PeerSyncHandler(variables));
      default ->
          throw new SheafException(
              ErrorKind.INVALID,
              "there is no function '"
                  + function
                  + "'; there are bundle-index, api, compaction and peer-sync");
    };
  }

  @SuppressWarnings("unchecked") // the handlers take any JSON object
  private LocalFunction scheduled(
      Supplier<RequestHandler<Map<String, Object>, Map<String, Object>>> handler) {
    Class<Map<String, Object>> object = (Class<Map<String, Object>>) (Class<?>) Map.class;
    return LocalFunction.of(
        new LocalFunction.Settings(function, MEMORY_MB, Duration.ofMinutes(5), 1),
        object,
        object,
        handler,
        Machine.IDS,
        environment.nanoTime());
  }
}
