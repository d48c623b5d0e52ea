package dev.sheaf.bundle.codec;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.history.PathMap;
import dev.sheaf.bundle.msgpack.MsgpackReader;
import dev.sheaf.bundle.msgpack.PackedMap;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What the records of a bundle are made of: keys that come once, ids, texts and paths within their
 * limits, and nil wherever something may be absent.
 */
final class RecordFields {
  private final MsgpackReader in;
  private final BundleLimits limits;
  private final Interner interner;
  private final Set<String> seen = new HashSet<>();
  private long historyLeft;
  private long begun;

  RecordFields(MsgpackReader in, BundleLimits limits, Interner interner) {
    this.in = in;
    this.limits = limits;
    this.interner = interner;
    this.historyLeft = limits.historyBytes();
  }

  /** Takes the value of one key, or leaves it when the key is unknown to it. */
  @FunctionalInterface
  interface Known {
    /** Whether the key was known and its value has been read. */
    boolean read(String key) throws IOException;
  }

  /** Begins what is held in memory, and bounds it. */
  void begin(long bytes, String limitName) {
    begun = in.position();
    if (bytes <= historyLeft) {
      in.limit(bytes, limitName + " " + bytes);
    } else {
      in.limit(historyLeft, "historyBytes " + limits.historyBytes());
    }
  }

  /** Ends what {@link #begin} began. */
  void end() {
    in.unlimit();
    historyLeft -= in.position() - begun;
  }

  /**
   * Reads one record, between {@link #begin} and {@link #end}.
   *
   * @param unknown keeps the keys that {@code known} leaves
   */
  void record(Known known, PackedMap.Builder unknown) throws IOException {
    seen.clear();
    for (int rest = in.readMapHeader(); rest > 0; rest--) {
      String key = key(seen);
      if (!known.read(key)) {
        unknown.put(key, in.readEncoded());
      }
    }
  }

  /** Reads a key that must not be among those seen. */
  String key(Set<String> earlier) throws IOException {
    String key = in.readString(limits.pathBytes(), "pathBytes");
    if (!earlier.add(key)) {
      throw in.fail("the key '" + key + "' comes twice");
    }
    return key;
  }

  /** An id of a commit or a snapshot, or null. */
  @Nullable String id(String name) throws IOException {
    String id = text(name, 4 * limits.idLength(), "idLength");
    if (id == null || id.isEmpty()) {
      return null;
    }
    if (id.codePointCount(0, id.length()) > limits.idLength()) {
      throw in.fail(name + " is longer than the limit idLength " + limits.idLength());
    }
    return interner.text(id);
  }

  /** A list of ids, empty when absent. */
  List<String> ids(String name) throws IOException {
    List<String> ids = new ArrayList<>(2);
    for (int rest = listSize(); rest > 0; rest--) {
      String id = id(name);
      if (id != null) {
        ids.add(id);
      }
    }
    return ids;
  }

  /** A text that a database can hold, or null. */
  @Nullable String text(String name, int maxBytes, String limitName) throws IOException {
    if (in.tryNil()) {
      return null;
    }
    String text = in.readString(maxBytes, limitName);
    if (text.indexOf('\0') >= 0) {
      throw in.fail(name + " holds the character U+0000, which cannot be stored");
    }
    return text;
  }

  /** The path of a file. */
  String path() throws IOException {
    String path = text("a path", limits.pathBytes(), "pathBytes");
    if (path == null || path.isEmpty()) {
      throw in.fail("a path is empty");
    }
    return interner.text(path);
  }

  /** A list of paths, empty when absent. */
  List<String> paths() throws IOException {
    int size = listSize();
    if (size == 0) {
      return List.of();
    }
    List<String> paths = new ArrayList<>(Math.min(size, 64));
    for (int i = 0; i < size; i++) {
      paths.add(path());
    }
    return paths;
  }

  /** The id of an object. */
  ContentId objectId() throws IOException {
    String text = in.readString(limits.idLength(), "idLength");
    return placed(interner::id, text);
  }

  /** A map from path to object; null when absent, which differs from empty. */
  @Nullable Map<String, ContentId> objectsByPath() throws IOException {
    if (in.tryNil()) {
      return null;
    }
    int size = in.readMapHeader();
    PathMap.Builder<ContentId> map = new PathMap.Builder<>(Math.min(size, 1024));
    for (int i = 0; i < size; i++) {
      map.put(path(), objectId());
    }
    return placed(PathMap.Builder::build, map);
  }

  private int listSize() throws IOException {
    return in.tryNil() ? 0 : in.readArrayHeader();
  }

  /** Adds the place in the bundle to an error that does not know it. */
  private <T, R> R placed(Function<T, R> step, T argument) {
    try {
      return step.apply(argument);
    } catch (SheafException e) {
      throw in.fail(String.valueOf(e.getMessage()));
    }
  }
}
