package dev.sheaf.testing;

import dev.sheaf.storage.ObjectStore.Page;
import dev.sheaf.storage.ObjectStore.StoredObject;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Lists keys as S3 does: in order, deeper ones folded, cut into pages. */
record KeyListing(String prefix, @Nullable String delimiter, int pageSize) {

  /**
   * @param continuation only what comes after this key or common prefix; that of the page before
   */
  Page page(NavigableMap<String, StoredBytes> objects, @Nullable String continuation) {
    List<StoredObject> found = new ArrayList<>();
    Set<String> folded = new LinkedHashSet<>();
    String last = continuation;
    for (StoredBytes object : objects.tailMap(prefix, true).values()) {
      String key = object.key();
      if (!key.startsWith(prefix)) {
        break;
      }
      String entry = entry(key);
      if (isDone(objects, entry, continuation) || folded.contains(entry)) {
        continue;
      }
      if (found.size() + folded.size() == pageSize) {
        return new Page(found, List.copyOf(folded), last);
      }
      if (entry.equals(key)) {
        found.add(object.factsWithoutChecksum());
      } else {
        folded.add(entry);
      }
      last = entry;
    }
    return new Page(found, List.copyOf(folded), null);
  }

  /** The key itself, or the common prefix that it is folded into. */
  private String entry(String key) {
    int at = delimiter == null ? -1 : key.indexOf(delimiter, prefix.length());
    return at < 0 || delimiter == null ? key : key.substring(0, at + delimiter.length());
  }

  private static boolean isDone(
      NavigableMap<String, StoredBytes> objects, String entry, @Nullable String continuation) {
    return continuation != null && objects.comparator().compare(entry, continuation) <= 0;
  }
}
