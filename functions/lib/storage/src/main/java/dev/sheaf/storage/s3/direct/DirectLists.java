package dev.sheaf.storage.s3.direct;

import dev.sheaf.bundle.BytesContent;
import dev.sheaf.storage.ObjectStore.Page;
import java.net.ProtocolException;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Lists a bucket page by page, over HTTP/1.1 connections of its own. Only a 200 with a whole
 * listing is taken; whatever else happens, the caller asks again through the SDK, which retries
 * with patience and names errors.
 */
public final class DirectLists {
  /** A thousand keys of the greatest length, encoded, are three of these; but who has them? */
  private static final int MAX_BODY = 1 << 20;

  private final Exchanges exchanges;

  public DirectLists(Exchanges exchanges) {
    this.exchanges = exchanges;
  }

  /** Tries a LIST; empty when it has to be asked for again. */
  public Optional<Page> list(
      String prefix, @Nullable String delimiter, @Nullable String continuation) {
    SortedMap<String, String> query = query(prefix);
    if (delimiter != null) {
      query.put("delimiter", delimiter);
    }
    if (continuation != null) {
      query.put("continuation-token", continuation);
    }
    return exchanges.ask(query, MAX_BODY).flatMap(DirectLists::settled);
  }

  /** Tries a LIST of what comes after a key; empty when it has to be asked for again. */
  public Optional<Page> listAfter(String prefix, String startAfter) {
    SortedMap<String, String> query = query(prefix);
    query.put("start-after", startAfter);
    return exchanges.ask(query, MAX_BODY).flatMap(DirectLists::settled);
  }

  private static SortedMap<String, String> query(String prefix) {
    SortedMap<String, String> query = new TreeMap<>();
    query.put("list-type", "2");
    // Else a control character in a key breaks the XML.
    query.put("encoding-type", "url");
    query.put("prefix", prefix);
    return query;
  }

  private static Optional<Page> settled(Answer answer) {
    BytesContent body = answer.body();
    try {
      return body == null || answer.status() != 200
          ? Optional.empty()
          : Optional.of(ListingReader.read(body.bytes()));
    } catch (ProtocolException e) {
      return Optional.empty();
    }
  }
}
