package dev.sheaf.bundle;

import dev.sheaf.bundle.msgpack.Msgpack;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Bundles as plain values, to take apart and put together wrongly. */
public final class Trees {
  private Trees() {}

  public static Map<String, @Nullable Object> of(byte[] wire) {
    return Msgpack.decodeMap(wire);
  }

  @SuppressWarnings("unchecked")
  public static List<Map<String, @Nullable Object>> list(
      Map<String, ? extends @Nullable Object> bundle, String section) {
    return (List<Map<String, @Nullable Object>>)
        Objects.requireNonNull(bundle.get(section), section);
  }

  @SuppressWarnings("unchecked")
  public static Map<String, @Nullable Object> map(
      Map<String, ? extends @Nullable Object> record, String key) {
    return (Map<String, @Nullable Object>) Objects.requireNonNull(record.get(key), key);
  }
}
