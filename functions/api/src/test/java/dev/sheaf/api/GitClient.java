package dev.sheaf.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.testing.TestGit;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What a git client does with one repository of an {@link ApiSite}. */
record GitClient(TestClient client) {
  static GitClient of(ApiSite site, String repo) {
    return new GitClient(site.client(repo));
  }

  /** One update, whatever the ref is now. */
  static Map<String, @Nullable Object> update(String name, @Nullable String target) {
    Map<String, @Nullable Object> update = new LinkedHashMap<>();
    update.put("name", name);
    update.put("new", target);
    return update;
  }

  /** One update from where the client knows the ref to be; null for not there. */
  static Map<String, @Nullable Object> update(
      String name, @Nullable String old, @Nullable String target) {
    Map<String, @Nullable Object> update = update(name, target);
    update.put("old", old);
    return update;
  }

  static Map<String, @Nullable Object> forced(String name, @Nullable String target) {
    Map<String, @Nullable Object> update = update(name, target);
    update.put("force", true);
    return update;
  }

  /** Announces updates, with a bundle that is uploaded or without. */
  Answer announce(
      @Nullable ContentId bundle,
      List<Map<String, @Nullable Object>> updates,
      Map<String, ?> more) {
    return client.site().call(event(bundle, updates, more));
  }

  GatewayEvent event(
      @Nullable ContentId bundle,
      List<Map<String, @Nullable Object>> updates,
      Map<String, ?> more) {
    Map<String, Object> document = new LinkedHashMap<>(more);
    document.put("updates", updates);
    if (bundle != null) {
      document.put("bundle_key", bundle.prefixed());
    }
    return client.event("POST", "/push/unpack-bundle").json(document);
  }

  @SafeVarargs
  @SuppressWarnings("varargs") // Read, and given to what only reads it.
  final Answer push(byte[] bundle, Map<String, @Nullable Object>... updates) {
    return announce(client.upload(bundle), List.of(updates), Map.of());
  }

  @SafeVarargs
  @SuppressWarnings("varargs") // Read, and given to what only reads it.
  final Answer move(Map<String, @Nullable Object>... updates) {
    return announce(null, List.of(updates), Map.of());
  }

  /** Name to status, or to the reason of a rejection. */
  static Map<String, String> outcome(Answer answer) {
    Map<String, String> outcome = new TreeMap<>();
    for (Map<String, @Nullable Object> result : answer.maps("results")) {
      Object name = result.getOrDefault("name", result.get("name_b64"));
      Object reason = result.getOrDefault("reason", result.get("status"));
      outcome.put(String.valueOf(name), String.valueOf(reason));
    }
    return outcome;
  }

  /** All refs as {@code git for-each-ref} would list them here. */
  List<String> refs() {
    List<String> refs = new ArrayList<>();
    String after = "";
    do {
      Answer page = client.get("/refs" + after).expect(200);
      for (Map<String, @Nullable Object> ref : page.maps("refs")) {
        Object name = ref.get("name");
        String bytes =
            name == null
                ? new String(
                    java.util.Base64.getDecoder().decode(String.valueOf(ref.get("name_b64"))),
                    StandardCharsets.ISO_8859_1)
                : new String(
                    String.valueOf(name).getBytes(StandardCharsets.UTF_8),
                    StandardCharsets.ISO_8859_1);
        Object peeled = ref.get("peeled");
        refs.add(bytes + " " + ref.get("target") + (peeled == null ? "" : " " + peeled));
      }
      Object next = page.document().get("next");
      after = next == null ? "" : "?after=" + next;
    } while (!after.isEmpty());
    return refs;
  }

  Map<String, @Nullable Object> head() {
    return client.get("/refs").expect(200).map("head");
  }

  Answer plan() {
    return client.post("/clone-plan", Map.of()).expect(200);
  }

  /** Clones by the plan into a new folder; git proves every object, and that all are there. */
  TestGit clone(Path folder) {
    TestGit copy = TestGit.initBare(folder);
    Answer plan = plan();
    for (Map<String, @Nullable Object> pack : plan.maps("packs")) {
      byte[] bytes = ApiSite.download(String.valueOf(pack.get("url"))).body();
      assertThat(ApiSite.sha256(bytes).hex()).isEqualTo(pack.get("sha256"));
      copy.indexPack(bytes);
    }
    for (String ref : refs()) {
      String[] parts = ref.split(" ", -1);
      copy.run("update-ref", parts[0], parts[1]);
    }
    copy.run("fsck", "--strict", "--connectivity-only");
    return copy;
  }
}
