package dev.sheaf.bundleindex;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.git.BundleHeader;
import dev.sheaf.repository.intake.Phase;
import dev.sheaf.repository.intake.PhaseClock;
import dev.sheaf.storage.ObjectStore;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;

/** An uploaded bundle that is being read: one GET. */
final class Arrival implements AutoCloseable {
  private final ContentId bundle;
  private final ObjectStore.Download download;
  private final InputStream body;

  private Arrival(ContentId bundle, ObjectStore.Download download, InputStream body) {
    this.bundle = bundle;
    this.download = download;
    this.body = body;
  }

  /**
   * Opens a bundle.
   *
   * @throws SheafException of kind INVALID when there is none, or other bytes than its name says
   */
  static Arrival open(ObjectStore store, String key, ContentId bundle, PhaseClock clock) {
    ObjectStore.Download download =
        clock.in(
            Phase.FETCH_BUNDLE,
            () ->
                store
                    .get(key, ObjectStore.Read.WHOLE)
                    .orElseThrow(() ->
                        new SheafException(
                            ErrorKind.INVALID,
                            "bundle " + key + " is not in the store; upload it again")));
    InputStream body = new BufferedInputStream(new TimedInput(download.body(), clock), 1 << 16);
    return new Arrival(bundle, download, body);
  }

  /** Its bytes, from the first. */
  InputStream body() {
    return body;
  }

  String key() {
    return download.object().key();
  }

  long size() {
    return download.object().size();
  }

  /** What kind of bundle it is, which its first bytes tell. */
  boolean isGitBundle() throws IOException {
    body.mark(BundleHeader.FIRST_BYTES);
    byte[] first = body.readNBytes(BundleHeader.FIRST_BYTES);
    body.reset();
    return BundleHeader.isGitBundle(first);
  }

  /** Whether the store itself has checked that the bytes are what the name says. */
  boolean isProven() {
    if (size() == 0) {
      throw new SheafException(ErrorKind.INVALID, "bundle " + key() + " is empty; upload it again");
    }
    ContentId checksum = download.object().sha256();
    if (checksum != null) {
      requireName(checksum);
    }
    return checksum != null;
  }

  /**
   * Compares the bundle with its name.
   *
   * @param hash the SHA-256 of its bytes
   */
  void requireName(ContentId hash) {
    if (!hash.equals(bundle)) {
      throw new SheafException(
          ErrorKind.INVALID,
          "bundle %s has other bytes than its name says: their SHA-256 is %s; upload it again"
              .formatted(key(), hash.hex()));
    }
  }

  @Override
  public void close() {
    download.close();
  }
}
