package dev.sheaf.storage.s3;

import dev.sheaf.storage.Deadline;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;

/** Looks at the {@link Deadline} before every attempt; the SDK does not retry what this throws. */
final class DeadlineGuard implements ExecutionInterceptor {
  @Override
  public void beforeTransmission(
      Context.BeforeTransmission context, ExecutionAttributes attributes) {
    if (Deadline.current().filter(Deadline::hasPassed).isPresent()) {
      throw SdkClientException.create("its deadline has passed, so it was not sent");
    }
  }
}
