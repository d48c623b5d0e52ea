package dev.sheaf.localstack.servers.s3.awssdk;

import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/**
 * The parts that a client names when it completes a multipart upload.
 *
 * @param parts in the order of the request
 */
record PartList(List<Claim> parts) {
  /** That of the request under way; S3Proxy does not hand on all of it. */
  static final ScopedValue<PartList> COMPLETING = ScopedValue.newInstance();

  private static final XMLInputFactory XML = factory();

  PartList {
    parts = List.copyOf(parts);
  }

  /**
   * A part as the client knows it.
   *
   * @param checksums by the name of their element, such as {@code ChecksumSHA256}
   */
  record Claim(long number, Map<String, String> checksums) {}

  private static XMLInputFactory factory() {
    XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
    return factory;
  }

  /** Reads a request's body; of what is no part list it makes an empty one. */
  static PartList read(byte[] body) {
    try {
      return new PartList(parts(XML.createXMLStreamReader(new ByteArrayInputStream(body))));
    } catch (XMLStreamException | NumberFormatException e) {
      return new PartList(List.of()); // whoever reads it next says what is wrong
    }
  }

  private static List<Claim> parts(XMLStreamReader xml) throws XMLStreamException {
    List<Claim> parts = new ArrayList<>();
    Map<String, String> fields = new HashMap<>();
    while (xml.hasNext()) {
      int event = xml.next();
      if (event == XMLStreamConstants.START_ELEMENT && xml.getLocalName().equals("Part")) {
        fields = new HashMap<>();
      } else if (event == XMLStreamConstants.START_ELEMENT && isField(xml.getLocalName())) {
        fields.put(xml.getLocalName(), xml.getElementText().strip());
      } else if (event == XMLStreamConstants.END_ELEMENT && xml.getLocalName().equals("Part")) {
        String number = fields.remove("PartNumber");
        parts.add(new Claim(Long.parseLong(String.valueOf(number)), Map.copyOf(fields)));
      }
    }
    return parts;
  }

  private static boolean isField(String element) {
    return element.equals("PartNumber") || element.startsWith("Checksum");
  }

  /** Whether each part's number is above that of the part before. */
  boolean isAscending() {
    for (int i = 1; i < parts.size(); i++) {
      if (parts.get(i).number() <= parts.get(i - 1).number()) {
        return false;
      }
    }
    return true;
  }
}
