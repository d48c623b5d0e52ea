package dev.sheaf.localstack.servers.s3.awssdk;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.model.CopyObjectRequest;
import software.amazon.awssdk.services.s3.model.CreateMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;

/** The Content-* headers of an object, between the SDK's records and {@link StoredObject}. */
final class Headers {
  private static final String TYPE = "content-type";
  private static final String ENCODING = "content-encoding";
  private static final String DISPOSITION = "content-disposition";
  private static final String LANGUAGE = "content-language";
  private static final String CACHE = "cache-control";

  private final Map<String, String> headers = new HashMap<>();

  private Headers() {}

  static Map<String, String> of(PutObjectRequest put) {
    return new Headers()
        .add(TYPE, put.contentType())
        .add(ENCODING, put.contentEncoding())
        .add(DISPOSITION, put.contentDisposition())
        .add(LANGUAGE, put.contentLanguage())
        .add(CACHE, put.cacheControl())
        .headers;
  }

  static Map<String, String> of(CreateMultipartUploadRequest create) {
    return new Headers()
        .add(TYPE, create.contentType())
        .add(ENCODING, create.contentEncoding())
        .add(DISPOSITION, create.contentDisposition())
        .add(LANGUAGE, create.contentLanguage())
        .add(CACHE, create.cacheControl())
        .headers;
  }

  static Map<String, String> of(CopyObjectRequest copy) {
    return new Headers()
        .add(TYPE, copy.contentType())
        .add(ENCODING, copy.contentEncoding())
        .add(DISPOSITION, copy.contentDisposition())
        .add(LANGUAGE, copy.contentLanguage())
        .add(CACHE, copy.cacheControl())
        .headers;
  }

  private Headers add(String name, @Nullable String value) {
    if (value != null) {
      headers.put(name, value);
    }
    return this;
  }

  static HeadObjectResponse.Builder head(StoredObject object) {
    return HeadObjectResponse.builder()
        .contentLength(object.size())
        .eTag(object.etag())
        .lastModified(object.lastModified())
        .metadata(object.metadata())
        .contentType(object.header(TYPE))
        .contentEncoding(object.header(ENCODING))
        .contentDisposition(object.header(DISPOSITION))
        .contentLanguage(object.header(LANGUAGE))
        .cacheControl(object.header(CACHE));
  }

  static GetObjectResponse.Builder get(StoredObject object) {
    return GetObjectResponse.builder()
        .contentLength(object.size())
        .eTag(object.etag())
        .lastModified(object.lastModified())
        .metadata(object.metadata())
        .contentType(object.header(TYPE))
        .contentEncoding(object.header(ENCODING))
        .contentDisposition(object.header(DISPOSITION))
        .contentLanguage(object.header(LANGUAGE))
        .cacheControl(object.header(CACHE));
  }
}
