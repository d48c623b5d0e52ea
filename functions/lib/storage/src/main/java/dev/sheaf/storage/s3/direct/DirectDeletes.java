package dev.sheaf.storage.s3.direct;

import dev.sheaf.bundle.ContentId;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Deletes objects by their keys, over HTTP/1.1 connections of its own. Only a 200 that reports no
 * error is taken; whatever else happens, the caller deletes again through the SDK, which retries
 * with patience and names errors. Deleting what is gone is no error.
 */
public final class DirectDeletes {
  private static final int MAX_BODY = 1 << 20;

  private final Exchanges exchanges;

  public DirectDeletes(Exchanges exchanges) {
    this.exchanges = exchanges;
  }

  /**
   * Whether all of them are deleted; false when they have to be deleted again.
   *
   * @param keys a thousand at most, of characters that XML can carry
   */
  public boolean delete(Collection<String> keys) {
    byte[] body = body(keys);
    ContentId hash = SigV4.hash(body);
    SortedMap<String, String> headers = new TreeMap<>();
    headers.put("content-type", "application/xml");
    headers.put("x-amz-checksum-sha256", hash.base64());
    return exchanges
        .post("delete", headers, body, hash, MAX_BODY)
        .filter(answer -> answer.status() == 200)
        .filter(answer -> answer.says("DeleteResult") && !answer.says("<Error"))
        .isPresent();
  }

  private static byte[] body(Collection<String> keys) {
    StringBuilder xml = new StringBuilder(keys.size() * 100 + 100);
    xml.append("<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Quiet>true</Quiet>");
    keys.forEach(key -> xml.append("<Object><Key>").append(text(key)).append("</Key></Object>"));
    return xml.append("</Delete>").toString().getBytes(StandardCharsets.UTF_8);
  }

  /** A carriage return would arrive as a line feed, and blanks at an end might not at all. */
  private static String text(String key) {
    return key.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\t", "&#9;")
        .replace("\n", "&#10;")
        .replace("\r", "&#13;");
  }
}
