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
import java.util.function.LongConsumer;

/** Moves files to and from the store through presigned URLs. */
public final class StoreClient {
  /** How long the store may say nothing. Once it has a large upload, it takes its time. */
  private static final Duration PATIENCE = Duration.ofMinutes(5);

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
   * Downloads a file once, and checks when its end is reached that it was the right one: whoever
   * took the bytes must not believe them before this returns.
   *
   * @throws SheafException of kind NOT_FOUND when it is not there
   * @throws IOException when it did not come whole, or is another one
   */
  public void download(StoredFile file, OutputStream target, LongConsumer progress)
      throws IOException {
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
      receive(response, file, target, progress);
    }
  }

  /** 404: the file went; 403: the URL has expired, or the store does not tell that it went. */
  private static boolean isGone(int status) {
    return status == 404 || status == 403;
  }

  private void receive(
      Response response, StoredFile file, OutputStream target, LongConsumer progress)
      throws IOException {
    MessageDigest digest = Ids.sha256();
    byte[] buffer = new byte[BUFFER];
    long left = file.sizeBytes();
    for (int n = response.body().read(buffer); n >= 0; n = response.body().read(buffer)) {
      transport.traffic().received("s3-get", n);
      left -= n;
      if (left < 0) {
        throw new IOException(file.id().hex() + " is longer than the server said");
      }
      digest.update(buffer, 0, n);
      target.write(buffer, 0, n);
      progress.accept(n);
    }
    ContentId found = ContentId.ofBytes(digest.digest());
    if (!found.equals(file.id())) {
      throw new IOException("what came for " + file.id().hex() + " is " + found.hex());
    }
  }
}
