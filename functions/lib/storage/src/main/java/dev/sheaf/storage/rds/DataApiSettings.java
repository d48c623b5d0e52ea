package dev.sheaf.storage.rds;

import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.util.function.Supplier;
import software.amazon.awssdk.core.exception.SdkServiceException;
import software.amazon.awssdk.retries.DefaultRetryStrategy;
import software.amazon.awssdk.retries.api.RetryStrategy;
import software.amazon.awssdk.services.rdsdata.RdsDataClientBuilder;

/**
 * How a Data API client has to be set for {@link DataApiCatalog}, above all what it may send again:
 * a request that surely was not executed, and one marked as harmless to repeat.
 */
public final class DataApiSettings {
  private static final int ATTEMPTS = 5;
  private static final ScopedValue<Boolean> REPEATABLE = ScopedValue.newInstance();

  private DataApiSettings() {}

  /** Applies all settings but those of a place: region, endpoint, credentials, HTTP client. */
  public static void apply(RdsDataClientBuilder builder) {
    builder.overrideConfiguration(c -> c.retryStrategy(retries()));
  }

  /** Makes a request that may be executed more than once without harm. */
  static <T> T repeatable(Supplier<T> request) {
    return ScopedValue.where(REPEATABLE, true).call(request::get);
  }

  private static RetryStrategy retries() {
    return DefaultRetryStrategy.standardStrategyBuilder()
        .useClientDefaults(false)
        .maxAttempts(ATTEMPTS)
        .treatAsThrottling(DataApiSettings::isThrottled)
        .retryOnException(
            e -> isThrottled(e) || isUnsent(e) || (REPEATABLE.isBound() && isTransient(e)))
        .build();
  }

  private static boolean isThrottled(Throwable e) {
    return e instanceof SdkServiceException service
        && (service.isThrottlingException() || service.statusCode() == 503);
  }

  private static boolean isUnsent(Throwable e) {
    return hasCause(e, ConnectException.class) || hasCause(e, UnknownHostException.class);
  }

  private static boolean isTransient(Throwable e) {
    return hasCause(e, IOException.class)
        || (e instanceof SdkServiceException service && service.statusCode() >= 500);
  }

  private static boolean hasCause(Throwable e, Class<? extends Throwable> type) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (type.isInstance(cause)) {
        return true;
      }
    }
    return false;
  }
}
