package dev.sheaf.cli.http;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.history.Ids;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.time.Duration;

/** Moves files to and from the store through presigned URLs. */
public final class StoreClient {
  /** Time for one file of up to 5 GiB; presigned URLs end after as long. */
  private static final Duration TRANSFER_TIME = Duration.ofMinutes(15);

  private static final int DOWNLOAD_ATTEMPTS = 3;

  private final Transport transport;

  public StoreClient(Transport transport) {
    this.transport = transport;
  }

  /**
   * Uploads a file.
   *
   * @throws SheafException when the store refuses it, with the store's reason
   */
  public void upload(Path file, UploadTarget target) throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(target.url())
            .timeout(TRANSFER_TIME)
            .PUT(HttpRequest.BodyPublishers.ofFile(file));
    target.headers().forEach((name, value) -> addHeader(request, name, value));
    HttpResponse<byte[]> response =
        transport.send("s3-put", request.build(), HttpResponse.BodyHandlers.ofByteArray());
    transport.traffic().received("s3-put", response.body().length);
    if (response.statusCode() / 100 != 2) {
      String why = new String(response.body(), StandardCharsets.UTF_8).strip();
      throw new SheafException(
          response.statusCode() >= 500 ? ErrorKind.UNAVAILABLE : ErrorKind.FORBIDDEN,
          "the store refused the upload with status " + response.statusCode() + ": " + why);
    }
  }

  /** The client sets these two itself, to what they must be. */
  private static void addHeader(HttpRequest.Builder request, String name, String value) {
    if (!name.equalsIgnoreCase("host") && !name.equalsIgnoreCase("content-length")) {
      request.header(name, value);
    }
  }

  /**
   * Downloads a file and checks that it is the right one.
   *
   * @throws SheafException when it cannot be had, or is another one each time
   */
  public void download(StoredFile file, Path target) throws IOException {
    for (int attempt = 1; ; attempt++) {
      try {
        ContentId found = downloadOnce(file, target);
        if (found.equals(file.id())) {
          return;
        }
        throw new IOException("the bytes are those of " + found.hex());
      } catch (IOException e) {
        if (attempt == DOWNLOAD_ATTEMPTS) {
          throw new SheafException(
              ErrorKind.UNAVAILABLE,
              "downloading " + file.id().hex() + " failed: " + e.getMessage() + "; run this again",
              e);
        }
      }
    }
  }

  private ContentId downloadOnce(StoredFile file, Path target) throws IOException {
    HttpRequest request = HttpRequest.newBuilder(file.url()).timeout(TRANSFER_TIME).GET().build();
    HttpResponse<InputStream> response =
        transport.send("s3-get", request, HttpResponse.BodyHandlers.ofInputStream());
    MessageDigest digest = Ids.sha256();
    try (InputStream in = response.body()) {
      if (response.statusCode() != 200) {
        throw new SheafException(
            ErrorKind.UNAVAILABLE,
            "the store answered "
                + response.statusCode()
                + " for "
                + file.id().hex()
                + "; run this again");
      }
      try (OutputStream out = new DigestOutputStream(Files.newOutputStream(target), digest)) {
        transport.traffic().received("s3-get", in.transferTo(out));
      }
    }
    return ContentId.ofBytes(digest.digest());
  }
}
