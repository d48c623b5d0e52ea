package dev.sheaf.localstack.servers.access;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.random.RandomGenerator;

/**
 * What a stack draws at its start and every request has to show.
 *
 * @param credentials sign requests to S3, SQS and the Data API
 * @param catalogSecret the end of the ARN of the secret with which the Data API opens the database
 */
public record StackSecrets(Credentials credentials, String catalogSecret) {
  private static final ObjectMapper JSON = JsonMapper.builder().build();
  private static final String FILE = "secrets.json";
  private static final int CATALOG_SECRET_BYTES = 18;

  /** Secrets for one run. */
  public static StackSecrets draw(RandomGenerator random) {
    return new StackSecrets(
        Credentials.draw(random), Credentials.text(random, CATALOG_SECRET_BYTES));
  }

  /**
   * The secrets of a stack that is kept in a folder: drawn the first time, the same ever after, for
   * presigned URLs and the environment of clients outlive a restart.
   *
   * @throws IOException when the file is there and does not hold them
   */
  public static StackSecrets in(Path folder, RandomGenerator random) throws IOException {
    Path file = folder.resolve(FILE);
    try {
      JsonNode kept = JSON.readTree(Files.readString(file));
      return new StackSecrets(
          new Credentials(text(kept, "access_key_id"), text(kept, "secret_access_key")),
          text(kept, "catalog_secret"));
    } catch (NoSuchFileException e) {
      StackSecrets drawn = draw(random);
      PrivateFiles.write(file, drawn.json().getBytes(UTF_8));
      return drawn;
    } catch (JsonProcessingException | IllegalArgumentException e) {
      throw new IOException(
          file + " does not hold a stack's secrets: delete it, and new ones are drawn", e);
    }
  }

  private String json() {
    return JSON.createObjectNode()
            .put("access_key_id", credentials.accessKeyId())
            .put("secret_access_key", credentials.secretAccessKey())
            .put("catalog_secret", catalogSecret)
            .toString()
        + "\n";
  }

  private static String text(JsonNode kept, String name) {
    String value = kept.path(name).asText();
    if (value.isEmpty()) {
      throw new IllegalArgumentException("no " + name);
    }
    return value;
  }

  /** Without the secrets. */
  @Override
  public String toString() {
    return "StackSecrets[" + credentials.accessKeyId() + "]";
  }
}
