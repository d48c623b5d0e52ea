import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import java.util.Map;

/** Does what the event says; everything that a function may do to its executor. */
public class Probe implements RequestHandler<Map<String, Object>, Object> {
  private int invocations;

  public Probe() {
    if ("initialisation".equals(System.getenv("FAIL"))) {
      throw new IllegalStateException("refused to initialise");
    }
    if ("exit".equals(System.getenv("FAIL"))) {
      System.exit(7);
    }
  }

  @Override
  public Object handleRequest(Map<String, Object> event, Context context) {
    invocations++;
    return switch ((String) event.get("do")) {
      case "count" -> Map.of("invocations", invocations, "pid", ProcessHandle.current().pid());
      case "echo" -> event.get("value");
      case "print" -> {
        System.out.println(event.get("value"));
        yield true;
      }
      case "sleep" -> sleep(((Number) event.get("ms")).longValue());
      case "throw" -> throw new IllegalArgumentException((String) event.get("value"));
      case "exit" -> {
        System.exit(3);
        yield null;
      }
      case "variable" -> String.valueOf(System.getenv((String) event.get("value")));
      case "heap" -> Runtime.getRuntime().maxMemory();
      case "fill" -> new long[Integer.MAX_VALUE - 8].length;
      case "large" -> "x".repeat(((Number) event.get("size")).intValue());
      case "remaining" -> context.getRemainingTimeInMillis();
      case "context" -> Map.of("request", context.getAwsRequestId(), "arn", context.getInvokedFunctionArn());
      default -> throw new IllegalStateException("unknown: " + event);
    };
  }

  private static Object sleep(long ms) {
    try {
      Thread.sleep(ms);
      return ms;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
