package dev.sheaf.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.history.IdDialect;
import dev.sheaf.bundle.history.Ids;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The requests of the muse client 0.1.5, in its order (bundle.md section 7). */
record MuseClient(ApiSite site, String repo, @Nullable String token) {
  private static final int LARGE_BYTES = 64 << 10;
  private static final int CHUNK_OBJECTS = 400;

  /** What Python's urllib sends with an upload, and nothing else. */
  private static final Map<String, ?> URLLIB =
      Map.of("headers", Map.of("Content-Type", "application/x-www-form-urlencoded"));

  MuseClient anonymous() {
    return new MuseClient(site, repo, null);
  }

  GatewayEvent event(String method, String path) {
    return GatewayEvent.of(method, "/" + repo + path)
        .token(token)
        .header("Accept", "application/x-msgpack, application/json");
  }

  Answer refs() {
    return site.call(event("GET", "/refs"));
  }

  Answer post(String path, Map<String, ?> document) {
    return site.call(
        event("POST", path)
            .msgpack(document)
            .header("Accept", "application/x-msgpack, application/json"));
  }

  /** Sends a body that the real client once sent. */
  Answer replay(String path, String vector) {
    return site.call(
        event("POST", path)
            .binary("application/x-msgpack", TestBundle.recorded(vector))
            .header("Accept", "application/x-msgpack, application/json"));
  }

  /** {@code muse push}: everything of a commit that the server's heads do not reach. */
  Answer push(MuseHistory history, String head) {
    return push(history, head, "main", false);
  }

  Answer push(MuseHistory history, String head, String branch, boolean force) {
    Answer refs = refs();
    List<String> have =
        refs.status() != 200
            ? List.of()
            : refs.map("branch_heads").values().stream()
                .map(String::valueOf)
                .filter(id -> !id.equals(head) && !history.record(id).isEmpty())
                .toList();
    MuseHistory.Pack pack = history.pack(head, have);
    sendObjects(history, missing(pack.objectIds()));
    return pushPack(pack, branch, force);
  }

  List<String> missing(List<String> ids) {
    Answer answer = post("/filter-objects", Map.of("object_ids", ids)).expect(200);
    return ((List<?>) Objects.requireNonNull(answer.document().get("missing")))
        .stream().map(String::valueOf).toList();
  }

  /** Sends objects ahead of their push: large ones by presigned URLs, the others in chunks. */
  void sendObjects(MuseHistory history, Collection<String> ids) {
    List<String> large =
        ids.stream().filter(id -> history.content(id).length > LARGE_BYTES).toList();
    List<String> small = new ArrayList<>(ids);
    if (!large.isEmpty()) {
      Answer presigned =
          post("/presign", Map.of("object_ids", large, "direction", "put")).expect(200);
      presigned
          .map("presigned")
          .forEach((id, url) -> assertThat(upload(url, history.content(id))).isEqualTo(200));
      small.removeAll(presigned.map("presigned").keySet());
    }
    for (int from = 0; from < small.size(); from += CHUNK_OBJECTS) {
      List<Map<String, Object>> chunk =
          small.subList(from, Math.min(small.size(), from + CHUNK_OBJECTS)).stream()
              .map(id -> object(id, history.content(id)))
              .toList();
      post("/push/objects", Map.of("objects", chunk)).expect(200);
    }
  }

  static Map<String, Object> object(String id, byte[] content) {
    return Map.of("object_id", id, "content", content);
  }

  static int upload(@Nullable Object url, byte[] content) {
    return ApiSite.put(URI.create(String.valueOf(url)), URLLIB, content);
  }

  Answer pushPack(MuseHistory.Pack pack, String branch, boolean force) {
    return site.call(pushEvent(pack, branch, force));
  }

  GatewayEvent pushEvent(MuseHistory.Pack pack, String branch, boolean force) {
    Map<String, Object> bundle =
        Map.of("commits", pack.commits(), "snapshots", pack.snapshots(), "objects", List.of());
    return event("POST", "/push")
        .msgpack(Map.of("bundle", bundle, "branch", branch, "force", force))
        .header("Accept", "application/x-msgpack, application/json");
  }

  Answer fetch(List<String> want, List<String> have) {
    return post("/fetch", Map.of("want", want, "have", have));
  }

  /**
   * {@code muse clone}: all heads, and every id proven against what it names.
   *
   * @return the manifests with contents in place of ids, by commit
   */
  Map<String, Map<String, byte[]>> cloned() {
    List<String> heads =
        refs().expect(200).map("branch_heads").values().stream().map(String::valueOf).toList();
    return checked(fetch(heads, List.of()).expect(200));
  }

  static Map<String, Map<String, byte[]>> checked(Answer fetched) {
    Map<String, byte[]> contents = TestClient.contents(fetched);
    contents.forEach((id, bytes) -> assertThat(Ids.object(bytes).hex()).isEqualTo(id));
    Map<String, Map<String, byte[]>> trees = new HashMap<>();
    for (Map<String, @Nullable Object> snapshot : fetched.maps("snapshots")) {
      Map<String, byte[]> tree = new HashMap<>();
      ((Map<?, ?>) Objects.requireNonNull(snapshot.get("manifest")))
          .forEach((path, id) -> {
            assertThat(contents).containsKey(String.valueOf(id));
            tree.put(String.valueOf(path), contents.getOrDefault(String.valueOf(id), new byte[0]));
          });
      trees.put(String.valueOf(snapshot.get("snapshot_id")), tree);
    }
    Map<String, Map<String, byte[]>> byCommit = new HashMap<>();
    for (Map<String, @Nullable Object> commit : fetched.maps("commits")) {
      assertThat(idOf(commit)).isEqualTo(commit.get("commit_id"));
      byCommit.put(
          idOf(commit), trees.getOrDefault(String.valueOf(commit.get("snapshot_id")), Map.of()));
    }
    return byCommit;
  }

  /** The id that a commit's record has by the client's formula. */
  static String idOf(Map<String, @Nullable Object> commit) {
    Set<String> parents = new TreeSet<>();
    Stream.of("parent_commit_id", "parent2_commit_id")
        .map(commit::get)
        .filter(String.class::isInstance)
        .forEach(parent -> parents.add(String.valueOf(parent)));
    return Ids.commit(
        parents,
        String.valueOf(commit.get("snapshot_id")),
        String.valueOf(commit.get("message")),
        String.valueOf(commit.get("committed_at")),
        IdDialect.BARE);
  }
}
