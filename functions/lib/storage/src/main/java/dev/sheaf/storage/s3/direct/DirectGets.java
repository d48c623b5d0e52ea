package dev.sheaf.storage.s3.direct;

import dev.sheaf.bundle.BytesContent;
import dev.sheaf.storage.ObjectStore.Download;
import dev.sheaf.storage.ObjectStore.StoredObject;
import java.time.DateTimeException;
import java.util.Optional;

/**
 * Reads small objects whole, over HTTP/1.1 connections of its own. Only a 200 whose body came whole
 * and is at most 1 MiB is taken; whatever else happens, the caller asks again through the SDK,
 * which retries with patience and names errors.
 */
public final class DirectGets {
  private static final int MAX_BODY = 1 << 20;

  private final Exchanges exchanges;

  public DirectGets(Exchanges exchanges) {
    this.exchanges = exchanges;
  }

  /**
   * Tries a GET; empty when the object has to be asked for again. Its checksum is not asked for.
   */
  public Optional<Download> get(String key) {
    return exchanges.get(key, MAX_BODY).flatMap(answer -> settled(key, answer));
  }

  private static Optional<Download> settled(String key, Answer answer) {
    BytesContent body = answer.body();
    String etag = answer.header("etag");
    String stamp = answer.header("last-modified");
    if (body == null || etag == null || stamp == null) {
      return Optional.empty();
    }
    try {
      StoredObject object = new StoredObject(key, body.size(), etag, HttpDate.parse(stamp), null);
      return Optional.of(new Download(object, body.open(), false));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }
}
