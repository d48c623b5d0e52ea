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
        URI.create(Fields.text(document, urlKey)),
        ContentId.parse(Fields.text(document, "sha256")),
        Fields.number(document, "size_bytes"));
  }
}
