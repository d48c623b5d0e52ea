package dev.sheaf.repository;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.git.GitKeys;
import dev.sheaf.git.RepoPath;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What lies in the bucket under the SHA-256 of its bytes, whatever it is: a bundle, an object, a
 * prepared pack, a git repository's pack.
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
    PACK,
    /** A pack of a git repository. */
    GIT
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
                    (select 'bundle' as kind, owner, name from bundles join repos using (repo_id)
                     where bundle = :id and state <> 'failed' limit :most)
                    union all
                    (select 'git', owner, name from git_packs join repos using (repo_id)
                     where pack = :id limit :most)
                    """)
                .text("id", id.hex())
                .number("most", MOST_PLACES))
        .forEach(row -> places.add(ofRepository(row, id)));
    places.add(new Place(Kind.OBJECT, ObjectKeys.object(id)));
    places.add(new Place(Kind.PACK, ObjectKeys.pack(id)));
    return places;
  }

  private static Place ofRepository(Rows.Row row, ContentId id) {
    String owner = row.text("owner");
    String name = row.text("name");
    return row.text("kind").equals("git")
        ? new Place(Kind.GIT, GitKeys.key(new RepoPath(owner, name), id, GitKeys.Part.PACK))
        : new Place(Kind.BUNDLE, ObjectKeys.bundle(owner, name, id));
  }

  /** A URL that reads a blob until it expires. No request is made. */
  public URI presign(Blob blob, Duration lifetime) {
    return store.presignGet(blob.stored().key(), lifetime);
  }
}
