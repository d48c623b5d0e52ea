package dev.sheaf.bundle.codec;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.history.History;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** A whole bundle in memory, for small ones. */
public final class Collected extends HistoryCollector {
  private final Map<ContentId, byte[]> objects = new LinkedHashMap<>();

  /** Reads with the default limits. */
  public static Collected read(byte[] wire, Path directory) throws IOException {
    Collected collected = new Collected();
    BundleReader.spoolingTo(directory).read(new ByteArrayInputStream(wire), collected);
    return collected;
  }

  @Override
  public void object(ReceivedObject received) throws IOException {
    received.decode(object -> objects.put(object.id(), bytes(object.content())));
    received.close();
  }

  public static byte[] bytes(Content content) throws IOException {
    try (InputStream in = content.open()) {
      return in.readAllBytes();
    }
  }

  public Map<ContentId, byte[]> objects() {
    return objects;
  }

  public History known() {
    return history();
  }
}
