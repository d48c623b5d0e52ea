package dev.sheaf.api.mwp;

import dev.sheaf.api.access.RepoCall;
import dev.sheaf.api.http.Document;
import dev.sheaf.api.http.GatewayLimits;
import dev.sheaf.api.http.Reply;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.repository.history.RepositoryObjects;
import dev.sheaf.storage.ObjectStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code POST /presign}: URLs for objects that are too large for a request's body. An upload goes
 * to the incoming objects, unproven until {@code POST /push} names it; a download comes straight
 * from the store.
 */
public final class PresignObjectsRoute {
  private static final int MAX_IDS = 10_000;
  private static final long DEFAULT_SECONDS = 300;
  private static final long MIN_SECONDS = 30;
  private static final long MAX_SECONDS = 3_600;

  private final IncomingObjects incoming;
  private final RepositoryObjects objects;

  public PresignObjectsRoute(ObjectStore store, RepositoryObjects objects) {
    this.incoming = new IncomingObjects(store);
    this.objects = objects;
  }

  /**
   * Takes {@code {object_ids, direction, ttl_seconds}}, answers {@code {presigned, inline}}: id, as
   * it was spelled, to URL; and the ids that have to come or go by other requests, which are the
   * objects to be read that are not in the store yet. Ids that the repository does not have are in
   * neither.
   */
  public Reply answer(RepoCall call) {
    Document fields = call.request().document(GatewayLimits.DOCUMENT_BYTES);
    Map<ContentId, String> asked = Spelled.ids(fields, MAX_IDS);
    Duration lifetime = lifetime(fields);
    String direction = fields.optionalText("direction").orElse("put");
    return switch (direction) {
      case "put" -> uploads(call, asked, lifetime);
      case "get" -> downloads(call, asked, lifetime);
      default ->
          throw new SheafException(
              ErrorKind.INVALID, "field direction must be put or get, not " + direction);
    };
  }

  private Reply uploads(RepoCall call, Map<ContentId, String> asked, Duration lifetime) {
    call.requireWriter();
    Map<String, String> urls = new LinkedHashMap<>();
    asked.forEach(
        (id, spelled) -> urls.put(spelled, incoming.presign(call.repo(), id, lifetime).toString()));
    return Reply.ok(Map.of("presigned", urls, "inline", List.of()));
  }

  private Reply downloads(RepoCall call, Map<ContentId, String> asked, Duration lifetime) {
    Map<String, String> urls = new LinkedHashMap<>();
    List<String> inline = new ArrayList<>();
    objects
        .locate(call.repo().repoId(), asked.keySet())
        .forEach((id, location) -> {
          String spelled = asked.getOrDefault(id, id.hex());
          objects
              .presign(location, lifetime)
              .ifPresentOrElse(url -> urls.put(spelled, url.toString()), () -> inline.add(spelled));
        });
    return Reply.ok(Map.of("presigned", urls, "inline", inline));
  }

  private static Duration lifetime(Document fields) {
    long seconds = fields.integer("ttl_seconds", DEFAULT_SECONDS, MIN_SECONDS, MAX_SECONDS);
    return Duration.ofSeconds(seconds);
  }
}
