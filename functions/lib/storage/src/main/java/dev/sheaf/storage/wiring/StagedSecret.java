package dev.sheaf.storage.wiring;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.model.GetSecretValueResponse;

/**
 * A text in Secrets Manager that several people change. A plain put would take the last one's; but
 * a label moves from one version to another only when it is where the caller says: the new text is
 * put under a label of its own, and AWSCURRENT moved from the version that was read.
 */
final class StagedSecret {
  private static final String CURRENT = "AWSCURRENT";
  private static final int ATTEMPTS = 20;

  private final SecretsManagerClient client;
  private final String id;
  private final Supplier<String> ids;

  /**
   * @param ids draws names of versions: 32 to 64 characters, never the same
   */
  StagedSecret(SecretsManagerClient client, String id, Supplier<String> ids) {
    this.client = client;
    this.id = id;
    this.ids = ids;
  }

  void change(UnaryOperator<String> change) {
    for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
      GetSecretValueResponse read = client.getSecretValue(r -> r.secretId(id));
      String before = Secrets.text(id, read.secretString());
      String after = change.apply(before);
      if (after.equals(before) || replace(read.versionId(), after)) {
        return;
      }
    }
    throw new SheafException(
        ErrorKind.CONFLICT, "secret " + id + " was changed by others at each attempt; try again");
  }

  /** Whether it was done; not so when another change came first. */
  private boolean replace(String before, String text) {
    String version = ids.get();
    String label = "sheaf-" + version;
    client.putSecretValue(
        r -> r.secretId(id).clientRequestToken(version).secretString(text).versionStages(label));
    SdkException refusal = moveCurrent(before, version);
    String now = client.getSecretValue(r -> r.secretId(id)).versionId();
    // A version without a label goes by itself; one that keeps it would count for ever.
    client.updateSecretVersionStage(
        r -> r.secretId(id).versionStage(label).removeFromVersionId(version));
    if (refusal != null && now.equals(before)) {
      throw refusal;
    }
    return refusal == null || now.equals(version);
  }

  private @Nullable SdkException moveCurrent(String before, String version) {
    try {
      client.updateSecretVersionStage(r ->
          r.secretId(id)
              .versionStage(CURRENT)
              .moveToVersionId(version)
              .removeFromVersionId(before));
      return null;
    } catch (SdkException e) {
      return e;
    }
  }
}
