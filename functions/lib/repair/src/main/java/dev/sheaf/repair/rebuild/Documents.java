package dev.sheaf.repair.rebuild;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.storage.ObjectStore;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.Optional;

/** JSON documents in the bucket. */
final class Documents {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Documents() {}

  /** A document as it lies in the bucket. */
  record Document(JsonNode json, String etag, Instant writtenAt) {}

  /**
   * Reads one; empty where there is none.
   *
   * @throws SheafException of kind CORRUPT for what is no JSON
   */
  static Optional<Document> read(ObjectStore store, String key) {
    return store
        .get(key, ObjectStore.Read.WHOLE)
        .map(download -> {
          try (download;
              InputStream body = download.body()) {
            ObjectStore.StoredObject object = download.object();
            return new Document(JSON.readTree(body), object.etag(), object.lastModified());
          } catch (JsonProcessingException e) {
            throw new SheafException(
                ErrorKind.CORRUPT, key + " is no JSON; delete it to go on without it", e);
          } catch (IOException e) {
            throw new SheafException(ErrorKind.UNAVAILABLE, "reading " + key + " broke off", e);
          }
        });
  }
}
