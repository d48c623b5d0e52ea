package dev.sheaf.bundle.check;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.codec.Encoding;
import dev.sheaf.bundle.codec.HistoryCollector;
import dev.sheaf.bundle.codec.ObjectRun;
import dev.sheaf.bundle.codec.RawObject;
import dev.sheaf.bundle.codec.WireObject;
import dev.sheaf.bundle.history.Ids;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;

/** Decodes and hashes every object while the bundle streams by, and keeps the history. */
final class ObjectChecks extends HistoryCollector {
  private final List<String> findings;
  private final Set<ContentId> seen = new HashSet<>();

  ObjectChecks(List<String> findings) {
    this.findings = findings;
  }

  /** The ids of all objects, sound or not. */
  Set<ContentId> seen() {
    return seen;
  }

  @Override
  public void objects(ObjectRun run) throws IOException {
    try (run) {
      run.objects().stream().map(WireObject::id).forEach(seen::add);
      ChainRules chainRules = new ChainRules(run.objects().iterator());
      run.decode(object -> {
        chainRules.check(object);
        check(object);
      });
    } catch (SheafException e) {
      findings.add(String.valueOf(e.getMessage()));
    }
  }

  private void check(RawObject object) throws IOException {
    ContentId actual = Ids.object(object.content());
    if (!actual.equals(object.id())) {
      findings.add("object " + object.id() + " holds content whose SHA-256 is " + actual);
    }
  }

  /** No object may refer to one that other decoders would take for a formatted dictionary. */
  private final class ChainRules {
    private static final int DICTIONARY_MAGIC = 0x37a430ec;
    private final Iterator<WireObject> wire;
    private boolean previousLooksLikeDictionary;

    ChainRules(Iterator<WireObject> wire) {
      this.wire = wire;
    }

    void check(RawObject object) throws IOException {
      if (wire.next().encoding() == Encoding.ZSTD_CHAIN && previousLooksLikeDictionary) {
        findings.add(
            "object %s is chained to one that begins with the magic number of zstd dictionaries"
                .formatted(object.id()));
      }
      try (InputStream in = object.content().open()) {
        byte[] first = in.readNBytes(4);
        previousLooksLikeDictionary =
            first.length == 4 && ByteBuffer.wrap(first).getInt() == DICTIONARY_MAGIC;
      }
    }
  }
}
