package dev.sheaf.infra;

import java.io.IOException;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A test that runs the CDK, which is JavaScript: without Node 20 it is skipped, and says so. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(NeedsNode.Condition.class)
@interface NeedsNode {

  /** Looks for Node once. */
  final class Condition implements ExecutionCondition {
    private static final int LEAST = 20;
    private static final String WITHOUT =
        "infra: no Node "
            + LEAST
            + " or newer on PATH, so the stack's tests are skipped; it is"
            + " needed to synthesize or deploy the stack, and for nothing else.";
    private static final int VERSION = version();
    private static final AtomicBoolean SAID = new AtomicBoolean();

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
      if (VERSION >= LEAST) {
        return ConditionEvaluationResult.enabled("Node " + VERSION);
      }
      if (SAID.compareAndSet(false, true)) {
        System.out.println(WITHOUT);
      }
      return ConditionEvaluationResult.disabled(WITHOUT);
    }

    private static int version() {
      try {
        Process node = new ProcessBuilder("node", "--version").start();
        String answer =
            new String(node.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip();
        node.waitFor();
        return answer.matches("v\\d+\\..*")
            ? Integer.parseInt(answer.substring(1, answer.indexOf('.')))
            : 0;
      } catch (IOException e) {
        return 0;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return 0;
      }
    }
  }
}
