package dev.sheaf.function.testing;

import com.amazonaws.services.lambda.runtime.ClientContext;
import com.amazonaws.services.lambda.runtime.CognitoIdentity;
import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.LambdaLogger;

/**
 * An invocation as a handler sees it. Who called, and Lambda's own logger, are nothing that a
 * function of ours may depend on: asking for them fails the test.
 *
 * @param getRemainingTimeInMillis the same whenever it is asked
 */
public record TestInvocation(int getRemainingTimeInMillis) implements Context {
  private static final int MEMORY_MB = 1_024;

  @Override
  public String getAwsRequestId() {
    return "invocation-1";
  }

  @Override
  public String getLogGroupName() {
    return "group";
  }

  @Override
  public String getLogStreamName() {
    return "stream";
  }

  @Override
  public String getFunctionName() {
    return "function";
  }

  @Override
  public String getFunctionVersion() {
    return "1";
  }

  @Override
  public String getInvokedFunctionArn() {
    return "arn:aws:lambda:us-east-1:000000000000:function:function";
  }

  @Override
  public int getMemoryLimitInMB() {
    return MEMORY_MB;
  }

  @Override
  public CognitoIdentity getIdentity() {
    throw new AssertionError("a handler asked for the caller's identity");
  }

  @Override
  public ClientContext getClientContext() {
    throw new AssertionError("a handler asked for the caller's context");
  }

  @Override
  public LambdaLogger getLogger() {
    throw new AssertionError("a handler asked for Lambda's logger, and not for SLF4J's");
  }
}
