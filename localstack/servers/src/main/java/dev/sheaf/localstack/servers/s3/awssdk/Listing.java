package dev.sheaf.localstack.servers.s3.awssdk;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import org.jspecify.annotations.Nullable;

/**
 * One page of a listing, in key order.
 *
 * @param next the last key or common prefix of the page when more follow, else null
 */
record Listing(List<StoredObject> objects, List<String> commonPrefixes, @Nullable Key next) {

  /**
   * Lists the keys with the prefix that are greater than {@code after}. Keys that have the
   * delimiter behind the prefix are folded into one entry; the cost of a page does not depend on
   * how many keys it folds or on how many came before.
   */
  static Listing page(
      NavigableMap<Key, StoredObject> index,
      Key prefix,
      @Nullable Key delimiter,
      @Nullable Key after,
      int limit) {
    List<StoredObject> objects = new ArrayList<>();
    List<String> folded = new ArrayList<>();
    Key last = null;
    Key from = after == null || after.compareTo(prefix) < 0 ? prefix : after;
    var entry = index.ceilingEntry(from);
    while (entry != null && entry.getKey().startsWith(prefix)) {
      Key key = entry.getKey();
      Key common = delimiter == null ? null : key.commonPrefix(prefix, delimiter);
      Key shown = common == null ? key : common;
      boolean isNew = after == null || shown.compareTo(after) > 0;
      if (isNew && objects.size() + folded.size() == limit) {
        return new Listing(objects, folded, last);
      }
      if (isNew && common == null) {
        objects.add(entry.getValue());
      } else if (isNew) {
        folded.add(shown.toString());
      }
      last = isNew ? shown : last;
      entry = common == null ? index.higherEntry(key) : index.ceilingEntry(common.afterAllBelow());
    }
    return new Listing(objects, folded, null);
  }
}
