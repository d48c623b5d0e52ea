package dev.sheaf.cli.http;

import dev.sheaf.bundle.ContentId;
import java.net.URI;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A file that can be downloaded.
 *
 * @param url a presigned URL
 * @param id its SHA-256
 * @param sizeBytes its length
 */
public record StoredFile(URI url, ContentId id, long sizeBytes) {
  static StoredFile of(Map<String, @Nullable Object> document, String urlKey) {
    return new StoredFile(
        AnswerFields.uri(AnswerFields.text(document, urlKey)),
        ContentId.parse(AnswerFields.text(document, "sha256")),
        AnswerFields.number(document, "size_bytes"));
  }
}
