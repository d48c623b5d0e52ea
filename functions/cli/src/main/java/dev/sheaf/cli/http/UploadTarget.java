package dev.sheaf.cli.http;

import java.net.URI;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where one bundle may be uploaded.
 *
 * @param url a presigned URL
 * @param headers must be sent as they are: they are part of what was signed
 */
public record UploadTarget(URI url, Map<String, String> headers) {
  static UploadTarget of(Map<String, @Nullable Object> document) {
    return new UploadTarget(
        AnswerFields.uri(AnswerFields.text(document, "url")),
        AnswerFields.textMap(document, "headers"));
  }
}
