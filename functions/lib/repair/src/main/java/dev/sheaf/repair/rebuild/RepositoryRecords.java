package dev.sheaf.repair.rebuild;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.repository.inventory.RecordRows;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.ObjectStore.Condition;
import dev.sheaf.storage.ObjectStore.PutResult;
import dev.sheaf.storage.catalog.Catalog;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes {@code repos/<owner>/<repo>.json} for each repository of which something has changed that
 * only the catalog knows: after the change where nothing else in the bucket tells of it, and in
 * each cycle of repair, one statement a page of repositories, and a PUT for each changed one. It is
 * written over what this catalog has written, and over nothing that tells of more: a catalog that
 * was set back, or begun anew, must not take away what it is to be rebuilt from.
 */
public final class RepositoryRecords {
  private static final Logger log = LoggerFactory.getLogger(RepositoryRecords.class);
  private static final int REPOSITORIES_A_PAGE = 500;
  private static final String JSON_TYPE = "application/json";

  private final RecordRows rows;
  private final ObjectStore store;
  private final BiPredicate<String, String> damaged;

  public RepositoryRecords(Catalog catalog, ObjectStore store) {
    this(catalog, store, (_, _) -> false);
  }

  /**
   * @param damaged puts aside what lies under a key and an ETag, and tells whether it has: only
   *     then what is no record gives way to one
   */
  public RepositoryRecords(
      Catalog catalog, ObjectStore store, BiPredicate<String, String> damaged) {
    this.rows = new RecordRows(catalog);
    this.store = store;
    this.damaged = damaged;
  }

  /**
   * Writes down what has changed.
   *
   * @param isShortOfTime whether to leave the rest to the next time
   * @return how many were written
   */
  public int write(BooleanSupplier isShortOfTime) {
    int written = 0;
    String after = "";
    while (after != null) {
      RecordRows.Page page = rows.page(after, REPOSITORIES_A_PAGE);
      for (RecordRows.Changed changed : page.changed()) {
        if (isShortOfTime.getAsBoolean()) {
          return written;
        }
        written += isWritten(changed) ? 1 : 0;
      }
      after = page.next();
    }
    return written;
  }

  /**
   * Writes down what has changed of one repository: three statements and a PUT, after a change that
   * no bundle tells of. That it cannot be written fails nothing, the next cycle of repair makes
   * good for it.
   */
  public void write(String repoId) {
    try {
      rows.changed(repoId).ifPresent(this::isWritten);
    } catch (SheafException e) {
      log.warn("the record of repository {} is behind: {}", repoId, e.getMessage());
    }
  }

  /**
   * Finds records that are not in the bucket as they were written, so that {@link #write} writes
   * them again: a LIST for each thousand repositories.
   *
   * @return how many
   */
  public int look() {
    Map<String, String> there = etags();
    int lost = 0;
    String after = "";
    Map<String, RecordRows.Written> page;
    do {
      page = rows.written(after, REPOSITORIES_A_PAGE);
      List<String> gone = new ArrayList<>();
      for (Map.Entry<String, RecordRows.Written> written : page.entrySet()) {
        after = written.getKey();
        if (!written.getValue().etag().equals(there.get(written.getValue().key()))) {
          gone.add(after);
        }
      }
      rows.forget(gone);
      lost += gone.size();
    } while (page.size() == REPOSITORIES_A_PAGE);
    return lost;
  }

  private Map<String, String> etags() {
    Map<String, String> etags = new HashMap<>();
    ObjectStore.Page page = store.list(ObjectKeys.RECORDS, null, null);
    page.objects().forEach(object -> etags.put(object.key(), object.etag()));
    while (page.next() != null) {
      page = store.list(ObjectKeys.RECORDS, null, page.next());
      page.objects().forEach(object -> etags.put(object.key(), object.etag()));
    }
    return etags;
  }

  /** That one cannot be written stops no others: the next cycle finds it changed still. */
  private boolean isWritten(RecordRows.Changed changed) {
    try {
      Optional<ObjectNode> record = rows.record(changed.repoId());
      Optional<String> etag = record.flatMap(json -> put(changed, json));
      etag.ifPresent(written -> rows.written(changed, written));
      return etag.isPresent();
    } catch (SheafException e) {
      log.warn(
          "the record of {}/{} is behind: {}", changed.owner(), changed.name(), e.getMessage());
      return false;
    }
  }

  private Optional<String> put(RecordRows.Changed changed, ObjectNode record) {
    String key = ObjectKeys.record(changed.owner(), changed.name());
    Optional<String> written = put(key, body(record), changed.etag());
    if (written.isPresent()) {
      return written;
    }
    Optional<Documents.Document> there = Documents.read(store, key);
    if (there.isPresent() && !there.get().isSound()) {
      if (!damaged.test(key, there.get().etag())) {
        throw new SheafException(ErrorKind.CORRUPT, key + " is no record of a repository");
      }
    } else if (there.isPresent() && isMore(there.get().json(), record)) {
      throw new SheafException(
          ErrorKind.CORRUPT,
          key
              + " tells of more than the catalog, which was set back or begun anew: run sheaf"
              + " rebuild");
    }
    // Whoever wrote what is there did so before the catalog is read once more.
    return rows.record(changed.repoId())
        .flatMap(now -> put(key, body(now), there.map(Documents.Document::etag).orElse(null)));
  }

  private static Content body(ObjectNode record) {
    return Content.of(record.toString().getBytes(StandardCharsets.UTF_8));
  }

  /** Another repository's, or one of bundles or branches that are still to come here. */
  private static boolean isMore(JsonNode there, JsonNode ours) {
    return !there.path("repo_id").equals(ours.path("repo_id"))
        || there.path("last_bundle_seq").asLong() > ours.path("last_bundle_seq").asLong()
        || (ours.path("branches").isEmpty() && !there.path("branches").isEmpty());
  }

  private Optional<String> put(String key, Content body, @Nullable String etag) {
    Condition condition = etag == null ? Condition.IF_ABSENT : new Condition.IfMatch(etag);
    try {
      return store.put(key, body, null, condition, JSON_TYPE)
              instanceof PutResult.Written(String now)
          ? Optional.of(now)
          : Optional.empty();
    } catch (SheafException e) {
      // Somebody has deleted it, or an attempt that was reported to have failed has landed.
      if (e.kind() == ErrorKind.NOT_FOUND || e.kind() == ErrorKind.UNAVAILABLE) {
        return Optional.empty();
      }
      throw e;
    }
  }
}
