package dev.sheaf.repair;

import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.repair.presence.Presence;
import dev.sheaf.repository.inventory.RecordRows;
import dev.sheaf.storage.ObjectStore;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Which records and manifests a cycle is going to write, for people who read a plan. */
final class WriteDowns {
  private static final int REPOSITORIES_A_PAGE = 500;

  private final RecordRows rows;
  private final Manifests manifests;
  private final ObjectStore store;

  WriteDowns(RecordRows rows, Manifests manifests, ObjectStore store) {
    this.rows = rows;
    this.manifests = manifests;
    this.store = store;
  }

  /**
   * Names each, as a line of a plan.
   *
   * @param isCleanup whether those that are gone are written as well
   */
  void plan(Presence presence, boolean isCleanup, Consumer<String> sink) {
    @Nullable String after = "";
    while (after != null) {
      RecordRows.Page page = rows.page(after, REPOSITORIES_A_PAGE);
      page.changed()
          .forEach(changed ->
              sink.accept(
                  line(
                      ObjectKeys.record(changed.owner(), changed.name()),
                      "something has changed that only the catalog knows")));
      after = page.next();
    }
    if (isCleanup) {
      String gone = "it is not there as it was written";
      Map<String, String> there = records();
      written()
          .forEach((key, etag) -> {
            if (!etag.equals(there.get(key))) {
              sink.accept(line(key, gone));
            }
          });
      manifests.forEachLost(
          presence,
          lost -> {
            sink.accept(line(Manifests.key(lost), gone));
            return true;
          });
    }
  }

  private static String line(String key, String reason) {
    return Step.line("write", key, reason);
  }

  private Map<String, String> written() {
    Map<String, String> written = new HashMap<>();
    String after = "";
    Map<String, RecordRows.Written> page;
    do {
      page = rows.written(after, REPOSITORIES_A_PAGE);
      for (Map.Entry<String, RecordRows.Written> record : page.entrySet()) {
        after = record.getKey();
        written.put(record.getValue().key(), record.getValue().etag());
      }
    } while (page.size() == REPOSITORIES_A_PAGE);
    return written;
  }

  private Map<String, String> records() {
    Map<String, String> etags = new HashMap<>();
    @Nullable String next = null;
    do {
      ObjectStore.Page page = store.list(ObjectKeys.RECORDS, null, next);
      page.objects().forEach(object -> etags.put(object.key(), object.etag()));
      next = page.next();
    } while (next != null);
    return etags;
  }
}
