package dev.sheaf.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.history.Manifest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A tenant that knows, or guesses, names of what is another's: it pushes what names an object, by
 * one of the ways in, and asks for everything that may be asked for.
 */
final class Guesser {
  private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");

  /** What differs from push to push and says nothing. */
  private static final Pattern CHANGES =
      Pattern.compile(
          "[0-9a-f]{8}-[0-9a-f-]{27}|\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z|\"[a-z_]+_ms\":[0-9.E-]+"
              + "|(?i)X-Amz-[a-z-]+=[^&\"]*|/objects/[0-9a-f]{2}/");

  private final ApiSite site;
  private final String repo;
  private final Door door;
  private final Sends sends;
  private final TestClient client;
  private final MuseClient muse;
  private final List<Answer> seen = new ArrayList<>();
  private String head = "guess";
  private String guessed = "";

  Guesser(ApiSite site, String repo, Door door, Sends sends) {
    this.site = site;
    this.repo = repo;
    this.door = door;
    this.sends = sends;
    this.client = site.client(repo);
    this.muse = new MuseClient(site, repo, client.token());
  }

  /** What is sent under an id. */
  enum Sends {
    ITS_BYTES,
    JUNK,
    NOTHING
  }

  /** Which way a push takes. */
  enum Door {
    ANNOUNCED_THEN_INDEXED,
    EVENT_ALONE,
    EVENT_THEN_ANNOUNCED,
    NAMED_LATER,
    /** Announced to a function that reads no bundle. */
    UNREAD,
    /** Announced, and its job run twice. */
    RETRIED,
    /** Muse's push, its objects sent ahead. */
    STREAM,
    /** Muse's push, its objects sent ahead by presigned URLs. */
    STREAM_PRESIGNED,
    /** Muse's push, its objects within. */
    STREAM_INLINE
  }

  /**
   * Everything that it gets to see, with what differs from push to push taken out.
   *
   * @param content an object
   * @param commit the commit that holds it where it is
   */
  String tells(byte[] content, String commit) {
    ContentId id = ApiSite.sha256(content);
    guessed = id.hex();
    filter(id);
    switch (door) {
      case STREAM, STREAM_PRESIGNED, STREAM_INLINE -> stream(id, content);
      default -> bundles(id, content);
    }
    look(id, commit);
    Answer object = client.get("/objects/" + id.prefixed());
    boolean isIts = sends == Sends.ITS_BYTES;
    assertThat(object.status()).isEqualTo(isIts ? 200 : 404);
    seen.add(object);
    Answer fetched = client.fetch(List.of(head, "later", "base", commit), List.of());
    assertThat(TestClient.contents(fetched).containsKey(id.hex())).isEqualTo(isIts);
    return visible(content, commit) + TestClient.contents(fetched).size();
  }

  private void filter(ContentId id) {
    seen.add(client.post("/filter-objects", Map.of("object_ids", List.of(id.hex()))));
  }

  private void look(ContentId id, String commit) {
    filter(id);
    seen.add(client.get("/jobs?limit=100"));
    seen.add(client.get("/refs"));
    seen.add(client.get("/commits"));
    seen.add(client.get("/tree/guess"));
    seen.add(client.get("/tree/" + commit));
    seen.add(client.post("/clone-plan", Map.of()));
    seen.add(client.post("/clone-plan", Map.of("want", List.of(commit))));
    seen.add(client.post("/negotiate", Map.of("want", List.of(commit), "have", List.of(commit))));
    seen.add(client.post("/presign", Map.of("object_ids", List.of(id.hex()), "direction", "get")));
    seen.add(client.post("/tags", Map.of("tags", List.of(tag(commit)))));
    // A branch to a commit that it does not have, and a commit that builds on it.
    seen.add(client.push(new TestBundle().bytes(), Map.of("stolen", commit)));
    byte[] child = new TestBundle().commit("child", List.of(commit), Map.of()).bytes();
    seen.add(client.push(child, Map.of("child", "child")));
  }

  private static Map<String, String> tag(String commit) {
    return Map.of("tag_id", "t", "repo_id", "r", "commit_id", commit, "tag", "mine");
  }

  private byte @Nullable [] sent(byte[] content) {
    return switch (sends) {
      case ITS_BYTES -> content;
      case JUNK -> "junk".getBytes(UTF_8);
      case NOTHING -> null;
    };
  }

  private void bundles(ContentId id, byte[] content) {
    client
        .push(new TestBundle().commit("base", List.of(), Map.of()).bytes(), Map.of("main", "base"))
        .expect(200);
    site.runJobs(repo);
    byte[] bundle = bundle("guess", id, sent(content));
    push(bundle, door);
    if (door == Door.NAMED_LATER) {
      push(bundle("later", id, null), Door.EVENT_ALONE);
    }
  }

  private static byte[] bundle(String commit, ContentId id, byte @Nullable [] content) {
    Manifest manifest = new Manifest(Map.of("f", id));
    TestBundle bundle =
        new TestBundle().commitOf(commit, List.of("base"), manifest).head("main", commit);
    return (content == null ? bundle : bundle.object(id, content)).bytes();
  }

  private void push(byte[] bundle, Door way) {
    ContentId id = client.upload(bundle);
    switch (way) {
      case EVENT_ALONE -> {
        event(id, bundle);
        // Nobody announces it: the moment that it waits for that is over.
        site.passGrace();
        site.runJobs(repo);
      }
      case EVENT_THEN_ANNOUNCED -> {
        event(id, bundle);
        seen.add(client.unpack(id, Map.of()));
        peek();
        site.runJobs(repo);
      }
      case UNREAD -> {
        seen.add(
            site.callUnread(
                client.unpackEvent(
                    id,
                    Map.of("main", "guess"),
                    Map.of("expected_heads", Map.of("main", "base")))));
        event(id, bundle);
      }
      case RETRIED -> {
        seen.add(client.unpack(id, Map.of()));
        peek();
        event(id, bundle);
        retry();
      }
      default -> {
        seen.add(client.unpack(id, Map.of()));
        peek();
        event(id, bundle);
      }
    }
  }

  /** Before a worker has come by. */
  private void peek() {
    seen.add(client.post("/presign", Map.of("object_ids", List.of(guessed), "direction", "get")));
    seen.add(client.get("/objects/" + guessed));
    seen.add(client.get("/tree/guess"));
  }

  private void event(ContentId id, byte[] bundle) {
    site.uploadEvent(repo, id, bundle.length);
  }

  private void retry() {
    Object job = client.get("/jobs?limit=1").expect(200).maps("jobs").getFirst().get("job_id");
    seen.add(client.post("/jobs/" + job + "/retry", Map.of()));
    site.runJobs(repo);
  }

  private void stream(ContentId id, byte[] content) {
    MuseHistory history = new MuseHistory();
    String base = history.commit(List.of(), Map.of("base", "base"));
    muse.push(history, base).expect(200);
    head = history.commit(List.of(base), Map.of("f", content), "guess", MuseHistory.NOON);
    MuseHistory.Pack pack = history.pack(head, List.of(base));
    byte[] bytes = sent(content);
    List<Map<String, Object>> objects =
        bytes == null ? List.of() : List.of(MuseClient.object(id.hex(), bytes));
    if (bytes != null && door == Door.STREAM) {
      seen.add(muse.post("/push/objects", Map.of("objects", objects)));
    }
    if (bytes != null && door == Door.STREAM_PRESIGNED) {
      Answer presigned =
          muse.post("/presign", Map.of("object_ids", List.of(id.hex()), "direction", "put"));
      assertThat(MuseClient.upload(presigned.map("presigned").get(id.hex()), bytes)).isEqualTo(200);
      seen.add(presigned);
    }
    Map<String, Object> bundle = new LinkedHashMap<>();
    bundle.put("commits", pack.commits());
    bundle.put("snapshots", pack.snapshots());
    bundle.put("objects", door == Door.STREAM_INLINE ? objects : List.of());
    seen.add(muse.post("/push", Map.of("bundle", bundle, "branch", "main", "force", false)));
    site.runJobs(repo);
  }

  private String visible(byte[] content, String commit) {
    StringBuilder text = new StringBuilder();
    for (Answer answer : seen) {
      String body = new String(answer.bytes(), UTF_8);
      text.append(answer.status()).append(' ').append(body).append('\n');
    }
    String same =
        text.toString()
            .replace(repo, "REPO")
            .replace(new String(content, UTF_8), "IT")
            .replace(commit, "COMMIT");
    return numbered(CHANGES.matcher(same).replaceAll("*"));
  }

  /** Each hash by the order of its first appearance. */
  private static String numbered(String text) {
    Map<String, String> names = new LinkedHashMap<>();
    return HASH.matcher(text)
        .replaceAll(match -> Matcher.quoteReplacement(name(names, match.group())));
  }

  private static String name(Map<String, String> names, String hash) {
    return names.computeIfAbsent(hash, _ -> "HASH-" + names.size());
  }
}
