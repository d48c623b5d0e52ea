package dev.sheaf.repository;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Statement;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What lies in the bucket under the SHA-256 of its bytes, whatever it is: a bundle, an object, a
 * prepared pack.
 */
public final class StoredBlobs {
  private static final int MOST_PLACES = 20;

  private final Catalog catalog;
  private final ObjectStore store;

  public StoredBlobs(Catalog catalog, ObjectStore store) {
    this.catalog = catalog;
    this.store = store;
  }

  /** What a blob is. */
  public enum Kind {
    /** An upload to a repository. */
    BUNDLE,
    /** One content. */
    OBJECT,
    /** A prepared answer. */
    PACK
  }

  /** A blob that is there. */
  public record Blob(Kind kind, ObjectStore.StoredObject stored) {}

  private record Place(Kind kind, String key) {}

  /**
   * Looks for a blob: one statement, and a HEAD for each place where it may be until one has it.
   */
  public Optional<Blob> find(ContentId id) {
    for (Place place : places(id)) {
      Optional<ObjectStore.StoredObject> stored = store.head(place.key());
      if (stored.isPresent()) {
        return Optional.of(new Blob(place.kind(), stored.get()));
      }
    }
    return Optional.empty();
  }

  private List<Place> places(ContentId id) {
    List<Place> places = new ArrayList<>();
    catalog
        .execute(
            Statement.of(
                    """
                    select owner, name from bundles join repos using (repo_id)
                    where bundle = :id and state <> 'failed' limit :most
                    """)
                .text("id", id.hex())
                .number("most", MOST_PLACES))
        .forEach(row ->
            places.add(
                new Place(
                    Kind.BUNDLE, ObjectKeys.bundle(row.text("owner"), row.text("name"), id))));
    places.add(new Place(Kind.OBJECT, ObjectKeys.object(id)));
    places.add(new Place(Kind.PACK, ObjectKeys.pack(id)));
    return places;
  }

  /** A URL that reads a blob until it expires. No request is made. */
  public URI presign(Blob blob, Duration lifetime) {
    return store.presignGet(blob.stored().key(), lifetime);
  }
}
