package dev.sheaf.repair.rebuild;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.storage.ObjectStore;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.Optional;

/** JSON documents in the bucket, each of a repository. */
final class Documents {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Documents() {}

  /**
   * A document as it lies in the bucket.
   *
   * @param json without members, where it is no JSON object
   */
  record Document(JsonNode json, String etag, Instant writtenAt) {
    /** Whether it names a repository: whatever does not was not written by Sheaf, or is damaged. */
    boolean isSound() {
      return !json.path("repo_id").asText("").isEmpty();
    }
  }

  /** Reads one; empty where there is none. */
  static Optional<Document> read(ObjectStore store, String key) {
    return store
        .get(key, ObjectStore.Read.WHOLE)
        .map(download -> {
          try (download;
              InputStream body = download.body()) {
            ObjectStore.StoredObject object = download.object();
            return new Document(object(body), object.etag(), object.lastModified());
          } catch (IOException e) {
            throw new SheafException(ErrorKind.UNAVAILABLE, "reading " + key + " broke off", e);
          }
        });
  }

  private static JsonNode object(InputStream body) throws IOException {
    try {
      JsonNode json = JSON.readTree(body);
      return json.isObject() ? json : MissingNode.getInstance();
    } catch (JsonProcessingException e) {
      return MissingNode.getInstance();
    }
  }
}
