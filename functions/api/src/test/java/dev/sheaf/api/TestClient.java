package dev.sheaf.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.ContentId;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a client does with one repository of an {@link ApiSite}. */
record TestClient(ApiSite site, String repo, String token) {
  Answer get(String path) {
    return site.call(GatewayEvent.of("GET", "/" + repo + path).token(token));
  }

  GatewayEvent event(String method, String path) {
    return GatewayEvent.of(method, "/" + repo + path).token(token);
  }

  Answer post(String path, Map<String, ?> document) {
    return site.call(event("POST", path).json(document));
  }

  Answer presign(byte[] bundle) {
    return post(
        "/push/bundle/presign",
        Map.of("bundle_key", ApiSite.sha256(bundle).prefixed(), "size_bytes", bundle.length));
  }

  /** Uploads a bundle through a presigned URL. */
  ContentId upload(byte[] bundle) {
    Answer presigned = presign(bundle).expect(200);
    if (!Boolean.TRUE.equals(presigned.document().get("exists"))) {
      assertThat(ApiSite.upload(presigned.document(), bundle)).isEqualTo(200);
    }
    return ApiSite.sha256(bundle);
  }

  Answer unpack(ContentId bundle, Map<String, String> heads) {
    return unpack(bundle, heads, Map.of());
  }

  Answer unpack(ContentId bundle, Map<String, String> heads, Map<String, ?> more) {
    return site.call(unpackEvent(bundle, heads, more));
  }

  GatewayEvent unpackEvent(ContentId bundle, Map<String, String> heads, Map<String, ?> more) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("bundle_key", bundle.prefixed());
    document.put("branch_heads", heads);
    document.putAll(more);
    return event("POST", "/push/unpack-bundle").json(document);
  }

  /** Uploads and announces a bundle. */
  Answer push(byte[] bundle, Map<String, String> heads) {
    return unpack(upload(bundle), heads);
  }

  Answer fetch(List<String> want, List<String> have) {
    return site.call(event("POST", "/fetch").msgpack(Map.of("want", want, "have", have)));
  }

  /** Contents by bare id, out of a fetch's answer. */
  static Map<String, byte[]> contents(Answer fetched) {
    Map<String, byte[]> contents = new HashMap<>();
    for (Map<String, @Nullable Object> object : fetched.maps("objects")) {
      contents.put(
          ContentId.parse(String.valueOf(object.get("object_id"))).hex(),
          (byte[]) object.getOrDefault("content", new byte[0]));
    }
    return contents;
  }

  Map<String, @Nullable Object> heads() {
    return get("/refs").expect(200).map("branch_heads");
  }
}
