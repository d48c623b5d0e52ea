package dev.sheaf.storage.wiring;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;

/** Reads secret texts, afresh each time: whoever wants them kept keeps them. */
public final class Secrets {
  private static final String FILE = "file:";

  private final Supplier<SecretsManagerClient> client;

  Secrets(Supplier<SecretsManagerClient> client) {
    this.client = client;
  }

  /**
   * Reads one secret.
   *
   * @param reference {@code file:/path}, or the ARN or name of a secret in Secrets Manager
   * @throws SheafException naming the reference: of kind {@code FORBIDDEN} for a missing right,
   *     else of kind {@code UNAVAILABLE}
   */
  public String read(String reference) {
    return reference.startsWith(FILE)
        ? readFile(Path.of(reference.substring(FILE.length())))
        : readSecret(reference);
  }

  private static String readFile(Path path) {
    try {
      return Files.readString(path);
    } catch (IOException e) {
      throw new SheafException(ErrorKind.UNAVAILABLE, "cannot read the secret in " + path, e);
    }
  }

  private String readSecret(String reference) {
    try {
      String text = client.get().getSecretValue(r -> r.secretId(reference)).secretString();
      if (text == null) {
        throw new SheafException(
            ErrorKind.SITE, "secret " + reference + " holds bytes, a text is expected");
      }
      return text;
    } catch (SdkException e) {
      throw failure(reference, e);
    }
  }

  private static SheafException failure(String reference, SdkException e) {
    String message = "cannot read secret " + reference + ": " + e.getMessage();
    return isForbidden(e)
        ? new SheafException(
            ErrorKind.SITE,
            message + "; allow the function's role secretsmanager:GetSecretValue on it",
            e)
        : new SheafException(ErrorKind.UNAVAILABLE, message + "; try again later", e);
  }

  /** Services that speak JSON say it with a 400, too. */
  private static boolean isForbidden(SdkException e) {
    return e instanceof AwsServiceException service
        && (service.statusCode() == 403
            || (service.awsErrorDetails() != null
                && "AccessDeniedException".equals(service.awsErrorDetails().errorCode())));
  }
}
