package dev.sheaf.localstack.embedded;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.codec.BundleWriter;
import dev.sheaf.bundle.codec.WireObject;
import dev.sheaf.bundle.history.Commit;
import dev.sheaf.bundle.history.History;
import dev.sheaf.bundle.history.IdDialect;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.bundle.history.Manifest;
import dev.sheaf.bundle.history.Snapshot;
import dev.sheaf.bundle.msgpack.PackedMap;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A client of one repository at one site, for tests that push bundles of one commit.
 *
 * @param token empty for a client without one
 */
record SiteClient(String site, String token, String repo) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final HttpClient HTTP =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

  static SiteClient of(EmbeddedStack stack, String repo) {
    return new SiteClient(stack.api().toString(), stack.token(), repo);
  }

  /** An answer: its status, and its body as JSON (missing when it is none). */
  record Answer(int status, JsonNode json) {}

  Answer get(String path) throws IOException, InterruptedException {
    return send(request(path).GET());
  }

  Answer post(String path, Map<String, ?> body) throws IOException, InterruptedException {
    return send(
        request(path)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body))));
  }

  private HttpRequest.Builder request(String path) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(site + "/" + repo + path))
            .header("Accept", "application/json")
            .timeout(PATIENCE);
    return token.isEmpty() ? request : request.header("Authorization", "Bearer " + token);
  }

  private static Answer send(HttpRequest.Builder request) throws IOException, InterruptedException {
    HttpResponse<byte[]> response =
        HTTP.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    try {
      return new Answer(response.statusCode(), JSON.readTree(response.body()));
    } catch (IOException e) {
      return new Answer(response.statusCode(), JSON.missingNode());
    }
  }

  /** Branch to head. */
  Map<String, String> heads() throws IOException, InterruptedException {
    Map<String, String> heads = new TreeMap<>();
    get("/refs")
        .json()
        .path("branch_heads")
        .properties()
        .forEach(head -> heads.put(head.getKey(), head.getValue().asText()));
    return heads;
  }

  /** Pushes a commit with one file; the answer to the first request that was not granted. */
  Answer push(String branch, String commit, @Nullable String parent, byte[] content)
      throws IOException, InterruptedException {
    byte[] bundle = bundle(branch, commit, parent, content);
    Optional<Answer> refusal = upload(bundle);
    if (refusal.isPresent()) {
      return refusal.get();
    }
    Map<String, Object> announced = new HashMap<>();
    announced.put("bundle_key", Ids.object(bundle).prefixed());
    announced.put("branch_heads", Map.of(branch, commit));
    announced.put("expected_heads", parent == null ? Map.of() : Map.of(branch, parent));
    return post("/push/unpack-bundle", announced);
  }

  /**
   * Moves a git ref.
   *
   * @param bundle of what is new; null for nothing
   * @param update {@code {name, old, new, force}}
   */
  Answer pushRef(byte @Nullable [] bundle, Map<String, ?> update)
      throws IOException, InterruptedException {
    Map<String, Object> announced = new HashMap<>();
    if (bundle != null) {
      Optional<Answer> refusal = upload(bundle);
      if (refusal.isPresent()) {
        return refusal.get();
      }
      announced.put("bundle_key", Ids.object(bundle).prefixed());
    }
    announced.put("updates", List.of(update));
    announced.put("head", Map.of("symref", "refs/heads/main"));
    return post("/push/unpack-bundle", announced);
  }

  /** Git refs to their targets, out of an answer for refs. */
  static Map<String, String> gitRefs(Answer answer) {
    Map<String, String> refs = new TreeMap<>();
    answer
        .json()
        .path("refs")
        .forEach(ref -> refs.put(ref.path("name").asText(), ref.path("target").asText()));
    return refs;
  }

  /** The packs that a clone takes. */
  List<byte[]> packs() throws IOException, InterruptedException {
    Answer plan = post("/clone-plan", Map.of());
    List<byte[]> packs = new ArrayList<>();
    for (JsonNode pack : plan.json().path("packs")) {
      HttpRequest get =
          HttpRequest.newBuilder(URI.create(pack.path("url").asText())).timeout(PATIENCE).build();
      packs.add(HTTP.send(get, HttpResponse.BodyHandlers.ofByteArray()).body());
    }
    return packs;
  }

  /** Puts a bundle where the site wants it; the answer of whoever did not take it. */
  private Optional<Answer> upload(byte[] bundle) throws IOException, InterruptedException {
    String key = Ids.object(bundle).prefixed();
    Answer presigned =
        post("/push/bundle/presign", Map.of("bundle_key", key, "size_bytes", bundle.length));
    if (presigned.status() != 200) {
      return Optional.of(presigned);
    }
    int status =
        presigned.json().path("exists").asBoolean() ? 200 : upload(presigned.json(), bundle);
    return status == 200 ? Optional.empty() : Optional.of(new Answer(status, JSON.missingNode()));
  }

  private static int upload(JsonNode target, byte[] bundle)
      throws IOException, InterruptedException {
    HttpRequest.Builder put =
        HttpRequest.newBuilder(URI.create(target.path("url").asText()))
            .timeout(PATIENCE)
            .PUT(HttpRequest.BodyPublishers.ofByteArray(bundle));
    target.path("headers").properties().stream()
        .filter(header -> !List.of("host", "content-length").contains(header.getKey()))
        .forEach(header -> put.header(header.getKey(), header.getValue().asText()));
    return HTTP.send(put.build(), HttpResponse.BodyHandlers.discarding()).statusCode();
  }

  private static byte[] bundle(
      String branch, String commit, @Nullable String parent, byte[] content) {
    ContentId id = Ids.object(content);
    Manifest manifest = new Manifest(Map.of("file", id));
    String snapshot = Ids.snapshot(manifest, IdDialect.PREFIXED);
    List<String> parents = parent == null ? List.of() : List.of(parent);
    try {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      BundleWriter writer = BundleWriter.to(out, IdDialect.PREFIXED);
      writer.history(
          new History(
              List.of(Commit.of(commit, snapshot, commit, "2026-01-02T03:04:05Z", parents)),
              List.of(Snapshot.full(snapshot, manifest)),
              Map.of(branch, commit),
              List.of(),
              PackedMap.EMPTY),
          1);
      writer.object(WireObject.raw(id, Content.of(content)));
      writer.finish();
      return out.toByteArray();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
