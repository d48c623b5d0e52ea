package dev.sheaf.api.fetch;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.FileContent;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.repository.history.RepositoryObjects;
import dev.sheaf.repository.history.RepositoryObjects.Location;
import dev.sheaf.storage.parallel.ParallelCalls;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** Reads the contents of many objects at once, from the catalog and from the store. */
final class Contents {
  private static final int GETS_IN_FLIGHT = 64;

  /** Above this size a content goes to a file. */
  private static final long MEMORY_BYTES = 8 << 20;

  private final RepositoryObjects objects;

  Contents(RepositoryObjects objects) {
    this.objects = objects;
  }

  /**
   * Where the objects are, in the order given.
   *
   * @throws SheafException of kind {@code CORRUPT} when the repository names an object that it does
   *     not have: an answer without it would look whole
   */
  List<Location> locate(String repoId, Collection<ContentId> ids) {
    if (ids.isEmpty()) {
      return List.of();
    }
    Map<ContentId, Location> found = objects.locate(repoId, ids);
    List<Location> locations = new ArrayList<>(ids.size());
    for (ContentId id : ids) {
      Location location = found.get(id);
      if (location == null) {
        throw new SheafException(
            ErrorKind.CORRUPT,
            "a snapshot names object "
                + id.prefixed()
                + ", which the repository does not have; push the bundle that brought it once"
                + " more");
      }
      locations.add(location);
    }
    return locations;
  }

  /**
   * The contents of some objects, in the order given.
   *
   * @param spool where large ones go
   */
  List<Content> read(List<Location> locations, SpoolDirectory spool) {
    List<Location> cached = locations.stream().filter(Location::isCached).toList();
    Map<ContentId, byte[]> fromCatalog = cached.isEmpty() ? Map.of() : objects.readCached(cached);
    try (ParallelCalls<Content> gets = new ParallelCalls<>(GETS_IN_FLIGHT)) {
      for (Location location : locations) {
        byte[] bytes = fromCatalog.get(location.id());
        gets.submit(() -> bytes == null ? get(location.inStore(), spool) : Content.of(bytes));
      }
      return gets.results();
    }
  }

  private Content get(Location location, SpoolDirectory spool) {
    try (InputStream in = objects.open(location, 0, -1)) {
      Content content =
          location.sizeBytes() > MEMORY_BYTES ? spool(in, spool) : Content.of(in.readAllBytes());
      if (content.size() != location.sizeBytes()) {
        throw new SheafException(
            ErrorKind.CORRUPT,
            "object %s has %d bytes in the store and %d in the catalog; put the right ones back"
                .formatted(location.id().prefixed(), content.size(), location.sizeBytes()));
      }
      return content;
    } catch (IOException e) {
      throw new SheafException(
          ErrorKind.UNAVAILABLE,
          "reading object " + location.id().prefixed() + " broke off; try again",
          e);
    }
  }

  private static Content spool(InputStream in, SpoolDirectory spool) throws IOException {
    Path file = spool.newFile();
    long size = Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
    return new FileContent(file, size);
  }
}
