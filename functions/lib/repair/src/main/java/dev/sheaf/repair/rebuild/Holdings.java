package dev.sheaf.repair.rebuild;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.git.GitKeys;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.ObjectStore.Page;
import dev.sheaf.storage.ObjectStore.StoredObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What a bucket holds of repositories; contents are not listed. */
final class Holdings {
  private final Set<String> places = new TreeSet<>();
  private final Set<String> keys = new HashSet<>();
  private final Map<String, Map<ContentId, StoredObject>> uploads = new TreeMap<>();
  private final Set<String> listedAsPublic = new HashSet<>();

  private Holdings() {}

  /** Lists records, uploads and the packs of git repositories. */
  static Holdings list(ObjectStore store) {
    Holdings holdings = new Holdings();
    each(store, ObjectKeys.RECORDS, object -> holdings.add(object.key(), ".json"));
    each(store, GitKeys.GIT, object -> holdings.add(object.key(), "/manifest.json"));
    each(store, ObjectKeys.BUNDLES, holdings::addUpload);
    store
        .get(ObjectKeys.PUBLIC_REPOS, ObjectStore.Read.WHOLE)
        .ifPresent(download -> {
          try (download) {
            new String(download.body().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .forEach(holdings.listedAsPublic::add);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
    return holdings;
  }

  private static void each(ObjectStore store, String prefix, Consumer<StoredObject> consumer) {
    @Nullable String next = null;
    do {
      Page page = store.list(prefix, null, next);
      page.objects().forEach(consumer);
      next = page.next();
    } while (next != null);
  }

  private void add(String key, String end) {
    keys.add(key);
    if (key.endsWith(end)) {
      String place = key.substring(key.indexOf('/') + 1, key.length() - end.length());
      String[] names = place.split("/", -1);
      if (names.length == 2 && ObjectKeys.isName(names[0]) && ObjectKeys.isPlace(names[1])) {
        places.add(place);
      }
    }
  }

  private void addUpload(StoredObject object) {
    ObjectKeys.BundleKey key = ObjectKeys.parseBundle(object.key());
    if (key != null) {
      String place = key.owner() + "/" + key.repo();
      places.add(place);
      uploads.computeIfAbsent(place, _ -> new LinkedHashMap<>()).put(key.bundle(), object);
    }
  }

  /** Repositories as {@code owner/name}. */
  Set<String> places() {
    return places;
  }

  /** Keys of records, manifests and packs. */
  Set<String> keys() {
    return keys;
  }

  /** What was uploaded to a repository. */
  Map<ContentId, StoredObject> uploads(String place) {
    return uploads.getOrDefault(place, Map.of());
  }

  /** Whether a repository is on the list of those that everybody may read. */
  boolean mayBePublic(String place) {
    return listedAsPublic.contains(place);
  }
}
