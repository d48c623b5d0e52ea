package dev.sheaf.storage.s3.direct;

import dev.sheaf.bundle.BytesContent;
import dev.sheaf.storage.ObjectStore.Download;
import dev.sheaf.storage.ObjectStore.StoredObject;
import java.io.InputStream;
import java.time.DateTimeException;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads objects whole and into memory, over HTTP/1.1 connections of its own. Three answers are
 * taken: a 200 whose body came whole, a 304, and the 404 of a key that holds nothing. Whatever else
 * happens, the caller asks again through the SDK, which retries with patience and names errors.
 */
public final class DirectGets {
  private static final int MAX_BODY = 1 << 30;
  private static final String NO_SUCH_KEY = "<Code>NoSuchKey</Code>";

  private final Exchanges exchanges;

  public DirectGets(Exchanges exchanges) {
    this.exchanges = exchanges;
  }

  /**
   * How a GET ended.
   *
   * @param download empty where nothing is under the key
   */
  public record Settled(Optional<Download> download) {}

  /**
   * Tries a GET; empty when the object has to be asked for again. Its checksum is not asked for.
   *
   * @param unlessEtag the object is not sent if it still has this ETag; null sends it in any case
   */
  public Optional<Settled> get(String key, @Nullable String unlessEtag) {
    SortedMap<String, String> headers = new TreeMap<>();
    if (unlessEtag != null) {
      headers.put("if-none-match", unlessEtag);
    }
    return exchanges.get(key, headers, MAX_BODY).flatMap(answer -> settled(key, answer));
  }

  private static Optional<Settled> settled(String key, Answer answer) {
    return switch (answer.status()) {
      case 200 -> whole(key, answer);
      case 304 -> facts(key, -1, answer).map(object -> notModified(object));
      case 404 ->
          answer.says(NO_SUCH_KEY) ? Optional.of(new Settled(Optional.empty())) : Optional.empty();
      default -> Optional.empty();
    };
  }

  private static Optional<Settled> whole(String key, Answer answer) {
    BytesContent body = answer.body();
    return body == null
        ? Optional.empty()
        : facts(key, body.size(), answer)
            .map(object -> new Settled(Optional.of(new Download(object, body.open(), false))));
  }

  private static Settled notModified(StoredObject object) {
    return new Settled(Optional.of(new Download(object, InputStream.nullInputStream(), true)));
  }

  private static Optional<StoredObject> facts(String key, long size, Answer answer) {
    String etag = answer.header("etag");
    String stamp = answer.header("last-modified");
    if (etag == null || stamp == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(new StoredObject(key, size, etag, HttpDate.parse(stamp), null));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }
}
