package dev.sheaf.cli.http;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.FileContent;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.history.Ids;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;

/** Moves files to and from the store through presigned URLs. */
public final class StoreClient {
  /** How long the store may say nothing. Once it has a large upload, it takes its time. */
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private static final int DOWNLOAD_ATTEMPTS = 3;

  /** Measured: much more leaves the processor's cache, much less is calls. */
  private static final int BUFFER = 1 << 16;

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
    // Of these headers, the JDK leaves out Host and Content-Length: it sets them itself.
    FileContent content = new FileContent(file, Files.size(file));
    Request request = Request.put(target.url(), content, PATIENCE).with(target.headers());
    Answer answer = transport.send("s3-put", request);
    if (answer.status() / 100 != 2) {
      String why = new String(answer.body(), StandardCharsets.UTF_8).strip();
      throw new SheafException(
          answer.status() >= 500 ? ErrorKind.UNAVAILABLE : ErrorKind.FORBIDDEN,
          "the store refused the upload with status " + answer.status() + ": " + why);
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
    try (Response response = transport.open("s3-get", Request.get(file.url(), PATIENCE))) {
      if (response.status() != 200) {
        throw new SheafException(
            isGone(response.status()) ? ErrorKind.NOT_FOUND : ErrorKind.UNAVAILABLE,
            "the store answered "
                + response.status()
                + " for "
                + file.id().hex()
                + "; run this again");
      }
      return receive(response, target);
    }
  }

  /** 404: the file went; 403: the URL has expired, or the store does not tell that it went. */
  private static boolean isGone(int status) {
    return status == 404 || status == 403;
  }

  private ContentId receive(Response response, Path target) throws IOException {
    MessageDigest digest = Ids.sha256();
    byte[] buffer = new byte[BUFFER];
    try (OutputStream out = Files.newOutputStream(target)) {
      for (int n = response.body().read(buffer); n >= 0; n = response.body().read(buffer)) {
        transport.traffic().received("s3-get", n);
        out.write(buffer, 0, n);
        digest.update(buffer, 0, n);
      }
    }
    return ContentId.ofBytes(digest.digest());
  }
}
