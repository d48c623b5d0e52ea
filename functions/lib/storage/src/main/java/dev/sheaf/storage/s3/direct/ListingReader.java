package dev.sheaf.storage.s3.direct;

import dev.sheaf.storage.ObjectStore.Page;
import dev.sheaf.storage.ObjectStore.StoredObject;
import java.io.ByteArrayInputStream;
import java.net.ProtocolException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.util.ArrayList;
import java.util.List;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.jspecify.annotations.Nullable;

/** Reads the body of an answer to ListObjectsV2. Elements that are not known are passed over. */
final class ListingReader {
  private final XMLStreamReader xml;
  private final List<StoredObject> objects = new ArrayList<>();
  private final List<String> prefixes = new ArrayList<>();
  private @Nullable String next;
  private String truncated = "";
  private boolean encoded;

  private ListingReader(XMLStreamReader xml) {
    this.xml = xml;
  }

  /**
   * The page of this body.
   *
   * @throws ProtocolException when it is no whole listing, or one that lacks something
   */
  static Page read(byte[] body) throws ProtocolException {
    XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    try {
      ListingReader reader =
          new ListingReader(factory.createXMLStreamReader(new ByteArrayInputStream(body)));
      reader.read();
      return reader.page();
    } catch (XMLStreamException | DateTimeException | IllegalArgumentException e) {
      ProtocolException failure = new ProtocolException("a listing cannot be read: " + e);
      failure.initCause(e);
      throw failure;
    }
  }

  private void read() throws XMLStreamException, ProtocolException {
    xml.nextTag();
    if (!xml.getLocalName().equals("ListBucketResult")) {
      throw new ProtocolException("not a listing");
    }
    while (hasChild()) {
      switch (xml.getLocalName()) {
        case "Contents" -> objects.add(object());
        case "CommonPrefixes" -> prefixes.add(prefix());
        case "IsTruncated" -> truncated = xml.getElementText();
        case "NextContinuationToken" -> next = xml.getElementText();
        case "EncodingType" -> encoded = xml.getElementText().equals("url");
        default -> skip();
      }
    }
    while (xml.hasNext()) { // To the end: a body that was cut off, or goes on, is an error.
      xml.next();
    }
  }

  /** Whether another element begins inside the present one; else that one ends. */
  private boolean hasChild() throws XMLStreamException {
    return xml.nextTag() == XMLStreamConstants.START_ELEMENT;
  }

  /** Passes over the present element with all that it holds. */
  private void skip() throws XMLStreamException {
    for (int depth = 1; depth > 0; ) {
      switch (xml.next()) {
        case XMLStreamConstants.START_ELEMENT -> depth++;
        case XMLStreamConstants.END_ELEMENT -> depth--;
        default -> {}
      }
    }
  }

  private StoredObject object() throws XMLStreamException, ProtocolException {
    String key = null;
    String size = null;
    String etag = null;
    String stamp = null;
    while (hasChild()) {
      switch (xml.getLocalName()) {
        case "Key" -> key = xml.getElementText();
        case "Size" -> size = xml.getElementText();
        case "ETag" -> etag = xml.getElementText();
        case "LastModified" -> stamp = xml.getElementText();
        default -> skip();
      }
    }
    if (key == null || size == null || etag == null || stamp == null) {
      throw new ProtocolException("an entry of a listing lacks something; its key is " + key);
    }
    return new StoredObject(key, Long.parseLong(size), etag, ListedDate.parse(stamp), null);
  }

  private String prefix() throws XMLStreamException, ProtocolException {
    String prefix = null;
    while (hasChild()) {
      if (xml.getLocalName().equals("Prefix")) {
        prefix = xml.getElementText();
      } else {
        skip();
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
