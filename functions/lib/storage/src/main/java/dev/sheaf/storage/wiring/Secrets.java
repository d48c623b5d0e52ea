package dev.sheaf.storage.wiring;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.storage.Once;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;

/** Reads secret texts, afresh each time: whoever wants them kept keeps them; and changes them. */
public final class Secrets {
  private static final String FILE = "file:";

  private final Supplier<SecretsManagerClient> client;

  Secrets(Supplier<SecretsManagerClient> client) {
    this.client = client;
  }

  /**
   * Those that {@code AWS_*} variables lead to, and files.
   *
   * @param environment the process's variables; none is needed as long as only files are asked for
   */
  public static Secrets from(Map<String, String> environment) {
    return new Secrets(new Once<>(() -> new AwsClients(environment, 1).secretsManager()));
  }

  /**
   * Changes one secret. What others change meanwhile is not lost: the change is made again, to what
   * they left.
   *
   * @param reference as for {@link #read}
   * @param change what becomes of the text; called once or more, may refuse by throwing
   * @throws SheafException as {@link #read}; of kind {@code CONFLICT} when others were always first
   */
  public void change(String reference, UnaryOperator<String> change) {
    if (reference.startsWith(FILE)) {
      SecretFile.change(Path.of(reference.substring(FILE.length())), change);
      return;
    }
    try {
      new StagedSecret(client.get(), reference, Machine.IDS).change(change);
    } catch (SdkException e) {
      throw new SheafException(
          isForbidden(e) ? ErrorKind.FORBIDDEN : ErrorKind.UNAVAILABLE,
          "cannot change secret " + reference + ": " + e.getMessage(),
          e);
    }
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
      return text(
          reference, client.get().getSecretValue(r -> r.secretId(reference)).secretString());
    } catch (SdkException e) {
      throw failure(reference, e);
    }
  }

  static String text(String reference, @Nullable String text) {
    if (text == null) {
      throw new SheafException(
          ErrorKind.SITE, "secret " + reference + " holds bytes, a text is expected");
    }
    return text;
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
