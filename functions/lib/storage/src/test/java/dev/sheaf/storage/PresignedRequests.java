package dev.sheaf.storage;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A client that knows presigned URLs and nothing else. */
public final class PresignedRequests {
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private PresignedRequests() {}

  /** Uploads with exactly these headers and returns the status. */
  public static int put(URI url, Map<String, String> headers, byte[] body)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(url).PUT(HttpRequest.BodyPublishers.ofByteArray(body));
    headers.forEach((name, value) -> {
      // This client sets the length from the body and refuses to be told.
      if (!name.equalsIgnoreCase("content-length")) {
        request.header(name, value);
      }
    });
    return HTTP.send(request.build(), HttpResponse.BodyHandlers.discarding()).statusCode();
  }

  /** Reads; null for any answer but 200. */
  public static byte @Nullable [] get(URI url) throws IOException, InterruptedException {
    HttpResponse<byte[]> answer =
        HTTP.send(HttpRequest.newBuilder(url).build(), HttpResponse.BodyHandlers.ofByteArray());
    return answer.statusCode() == 200 ? answer.body() : null;
  }
}
