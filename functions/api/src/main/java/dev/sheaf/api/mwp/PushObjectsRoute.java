package dev.sheaf.api.mwp;

import dev.sheaf.api.access.RepoCall;
import dev.sheaf.api.http.Document;
import dev.sheaf.api.http.GatewayLimits;
import dev.sheaf.api.http.Reply;
import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.repository.history.ObjectRows;
import dev.sheaf.storage.ObjectStore;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * {@code POST /push/objects}: small objects, ahead of the push that names them. They are proven and
 * kept, and nobody can read them before that push; one that never comes lets them expire.
 */
public final class PushObjectsRoute {
  private static final int MAX_OBJECTS = 1_000;

  private final ObjectRows rows;
  private final IncomingObjects incoming;

  public PushObjectsRoute(ObjectRows rows, ObjectStore store) {
    this.rows = rows;
    this.incoming = new IncomingObjects(store);
  }

  /**
   * Takes {@code {objects: [{object_id, content}]}}, answers {@code {stored, skipped}}: how many
   * were kept, and how many this repository has already.
   */
  public Reply answer(RepoCall call) {
    Map<ContentId, Content> objects = new LinkedHashMap<>();
    Document fields = call.request().document(GatewayLimits.DOCUMENT_BYTES);
    for (Document object : fields.documents("objects", MAX_OBJECTS)) {
      objects.put(ContentId.parse(object.text("object_id")), Content.of(object.bytes("content")));
    }
    int sent = objects.size();
    if (sent > 0) {
      objects.keySet().retainAll(rows.missing(call.repo().repoId(), objects.keySet()));
      incoming.put(call.repo(), objects);
    }
    return Reply.ok(Map.of("stored", objects.size(), "skipped", sent - objects.size()));
  }
}
