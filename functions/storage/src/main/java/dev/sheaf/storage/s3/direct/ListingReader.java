package dev.sheaf.storage.s3.direct;

import dev.sheaf.storage.ObjectStore.Page;
import dev.sheaf.storage.ObjectStore.StoredObject;
import java.net.ProtocolException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the body of an answer to ListObjectsV2. Elements that are not known are passed over. */
final class ListingReader {
  private final XmlReader xml;
  private final List<StoredObject> objects = new ArrayList<>();
  private final List<String> prefixes = new ArrayList<>();
  private @Nullable String next;
  private String truncated = "";
  private boolean encoded;

  private ListingReader(byte[] body) {
    this.xml = new XmlReader(body);
  }

  /**
   * The page of this body.
   *
   * @throws ProtocolException when it is no whole listing, or one that lacks something
   */
  static Page read(byte[] body) throws ProtocolException {
    ListingReader reader = new ListingReader(body);
    try {
      reader.read();
      return reader.page();
    } catch (DateTimeException | IllegalArgumentException e) {
      throw new ProtocolException("a listing has an odd value: " + e.getMessage());
    }
  }

  private void read() throws ProtocolException {
    if (!xml.root().equals("ListBucketResult")) {
      throw new ProtocolException("not a listing");
    }
    for (String name = xml.child(); name != null; name = xml.child()) {
      switch (name) {
        case "Contents" -> objects.add(object());
        case "CommonPrefixes" -> prefixes.add(prefix());
        case "IsTruncated" -> truncated = xml.text();
        case "NextContinuationToken" -> next = xml.text();
        case "EncodingType" -> encoded = xml.text().equals("url");
        default -> xml.skip();
      }
    }
    xml.end();
  }

  private StoredObject object() throws ProtocolException {
    String key = null;
    String size = null;
    String etag = null;
    String stamp = null;
    for (String name = xml.child(); name != null; name = xml.child()) {
      switch (name) {
        case "Key" -> key = xml.text();
        case "Size" -> size = xml.text();
        case "ETag" -> etag = xml.text();
        case "LastModified" -> stamp = xml.text();
        default -> xml.skip();
      }
    }
    if (key == null || size == null || etag == null || stamp == null) {
      throw new ProtocolException("an entry of a listing lacks something; its key is " + key);
    }
    return new StoredObject(key, Long.parseLong(size), etag, ListedDate.parse(stamp), null);
  }

  private String prefix() throws ProtocolException {
    String prefix = null;
    for (String name = xml.child(); name != null; name = xml.child()) {
      if (name.equals("Prefix")) {
        prefix = xml.text();
      } else {
        xml.skip();
      }
    }
    if (prefix == null) {
      throw new ProtocolException("a common prefix of a listing is missing");
    }
    return prefix;
  }

  /** A listing that does not say whether it goes on cannot be taken for a whole one. */
  private Page page() throws ProtocolException {
    boolean more = truncated.equals("true");
    if ((!more && !truncated.equals("false")) || (more && next == null)) {
      throw new ProtocolException("a listing does not say how it goes on");
    }
    return new Page(
        objects.stream().map(this::decoded).toList(),
        prefixes.stream().map(this::decoded).toList(),
        more ? next : null);
  }

  private StoredObject decoded(StoredObject listed) {
    String key = decoded(listed.key());
    return key.equals(listed.key())
        ? listed
        : new StoredObject(key, listed.size(), listed.etag(), listed.lastModified(), null);
  }

  /** As a form is encoded: a blank is a plus. Only known once the whole page is read. */
  private String decoded(String text) {
    boolean plain = !encoded || (text.indexOf('%') < 0 && text.indexOf('+') < 0);
    return plain ? text : URLDecoder.decode(text, StandardCharsets.UTF_8);
  }
}
