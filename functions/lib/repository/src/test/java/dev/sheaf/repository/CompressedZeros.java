package dev.sheaf.repository;

import com.github.luben.zstd.Zstd;
import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.codec.BundleWriter;
import dev.sheaf.bundle.codec.Encoding;
import dev.sheaf.bundle.codec.WireObject;
import dev.sheaf.bundle.history.History;
import dev.sheaf.bundle.history.IdDialect;
import dev.sheaf.bundle.history.Ids;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Bundles that are small on the wire and large when inflated. */
public final class CompressedZeros {
  private CompressedZeros() {}

  /** A history and objects of nearly nothing but zeros. */
  public static byte[] bundle(History history, int objects, int size) throws IOException {
    List<WireObject> wire = new ArrayList<>();
    byte[] noise = new byte[size / 32];
    for (int i = 0; i < objects; i++) {
      byte[] content = new byte[size];
      new Random(i).nextBytes(noise);
      System.arraycopy(noise, 0, content, 0, noise.length);
      wire.add(
          new WireObject(
              Ids.object(content), Encoding.ZSTD, Content.of(Zstd.compress(content)), null));
    }
    return bundle(history, wire);
  }

  public static byte[] bundle(History history, List<WireObject> objects) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    BundleWriter writer = BundleWriter.to(bytes, IdDialect.PREFIXED);
    writer.history(history, objects.size());
    for (WireObject object : objects) {
      writer.object(object);
    }
    writer.finish();
    return bytes.toByteArray();
  }
}
