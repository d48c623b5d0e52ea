package dev.sheaf.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.history.Manifest;
import dev.sheaf.repository.ObjectRows;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.Once;
import dev.sheaf.storage.wiring.Machine;
import dev.sheaf.testing.RandomisedTest;
import dev.sheaf.testing.StoreChecker;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Two tenants of one site. Whatever one of them sends, it is answered alike whether what it names
 * is the other's or nobody's; and it never gets a byte that it did not send.
 */
class TenantsTest {
  private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");
  private static final Pattern CHANGES =
      Pattern.compile(
          "[0-9a-f]{8}-[0-9a-f-]{27}|\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z|\"[a-z_]+_ms\":[0-9.E-]+");

  private static final Supplier<ApiSite> SITE = new Once<>(ApiSite::start);

  private final ApiSite site = SITE.get();
  private Random random = new Random();
  private TestClient alice = site.client("alice/secrets");
  private int made;

  /** How an object came to be where the other tenant's are. */
  private enum Hiding {
    ANNOUNCED,
    INDEXED,
    STAGED,
    STORED_WITHOUT_A_ROW
  }

  /** What the guesser sends under an id. */
  private enum Guess {
    ITS_BYTES,
    JUNK,
    NOTHING
  }

  /** Which way a push takes. */
  private enum Door {
    ANNOUNCED_THEN_INDEXED,
    EVENT_ALONE,
    EVENT_THEN_ANNOUNCED,
    NAMED_LATER
  }

  @RandomisedTest(seeds = 3)
  void noByteAndNoExistenceReachesTheOther(long seed) {
    random = new Random(seed);
    alice = site.client("alice/secrets-" + seed);
    for (int round = 0; round < 12; round++) {
      round();
    }
    StoreChecker.requireSound(site.store(), site.catalog());
  }

  private void round() {
    Hiding hiding = pick(Hiding.values());
    Guess guess = pick(Guess.values());
    Door door = pick(Door.values());
    byte[] secret = content();
    byte[] unknown = content();
    hide(secret, hiding);

    String what = hiding + " " + guess + " " + door;
    assertThat(guess(secret, guess, door)).as(what).isEqualTo(guess(unknown, guess, door));
  }

  private <T> T pick(T[] values) {
    return values[random.nextInt(values.length)];
  }

  /** All contents have one length, and nobody can guess one from another. */
  private byte[] content() {
    return "content %016x".formatted(random.nextLong()).getBytes(UTF_8);
  }

  private void hide(byte[] secret, Hiding hiding) {
    ContentId id = ApiSite.sha256(secret);
    String commit = "secret-" + made++;
    TestBundle bundle = new TestBundle().commitBytes(commit, List.of(), Map.of("f", secret));
    switch (hiding) {
      case ANNOUNCED -> alice.push(bundle.bytes(), Map.of(commit, commit)).expect(200);
      case INDEXED -> {
        alice.push(bundle.bytes(), Map.of(commit, commit)).expect(200);
        site.runJobs(alice.repo());
      }
      case STAGED -> {
        store(id, secret);
        new ObjectRows(site.catalog())
            .putProven(
                "alice",
                null,
                List.of(new ObjectRows.Stored(id, secret.length, null)),
                site.store().bucket(),
                Machine.CLOCK.instant());
      }
      case STORED_WITHOUT_A_ROW -> store(id, secret);
    }
  }

  private void store(ContentId id, byte[] content) {
    site.store()
        .put(
            ObjectKeys.object(id),
            Content.of(content),
            id,
            ObjectStore.Condition.ALWAYS,
            "application/octet-stream");
  }

  /** Everything that the guesser gets to see, with what differs from push to push taken out. */
  private String guess(byte[] content, Guess guess, Door door) {
    ContentId id = ApiSite.sha256(content);
    String repo = "mallory/guess-" + site.rows("repos");
    TestClient mallory = site.client(repo);
    mallory.push(
        new TestBundle().commit("base", List.of(), Map.of()).bytes(), Map.of("main", "base"));
    site.runJobs(repo);

    List<Answer> seen = new ArrayList<>();
    seen.add(filter(mallory, id));
    byte[] bundle = bundle("guess", "base", id, sent(content, guess));
    seen.addAll(push(mallory, bundle, door));
    if (door == Door.NAMED_LATER) {
      seen.addAll(push(mallory, bundle("later", "base", id, null), Door.EVENT_ALONE));
    }
    seen.add(mallory.get("/jobs?limit=100"));
    seen.add(mallory.get("/refs"));
    seen.add(mallory.get("/commits"));
    seen.add(mallory.get("/tree/guess"));
    seen.add(filter(mallory, id));
    Answer object = mallory.get("/objects/" + id.prefixed());
    assertThat(object.status()).isEqualTo(guess == Guess.ITS_BYTES ? 200 : 404);
    Answer fetched = mallory.fetch(List.of("guess", "later", "base"), List.of());
    assertThat(TestClient.contents(fetched).containsKey(id.hex()))
        .isEqualTo(guess == Guess.ITS_BYTES);
    seen.add(object);
    return visible(seen, repo, content) + TestClient.contents(fetched).size();
  }

  private static byte @Nullable [] sent(byte[] content, Guess guess) {
    return switch (guess) {
      case ITS_BYTES -> content;
      case JUNK -> "junk".getBytes(UTF_8);
      case NOTHING -> null;
    };
  }

  private static byte[] bundle(
      String commit, String parent, ContentId id, byte @Nullable [] content) {
    Manifest manifest = new Manifest(new LinkedHashMap<>(Map.of("f", id)), Map.of());
    TestBundle bundle =
        new TestBundle().commitOf(commit, List.of(parent), manifest).head("main", commit);
    return (content == null ? bundle : bundle.object(id, content)).bytes();
  }

  private List<Answer> push(TestClient client, byte[] bundle, Door door) {
    ContentId id = client.upload(bundle);
    List<Answer> seen = new ArrayList<>();
    if (door == Door.EVENT_ALONE || door == Door.EVENT_THEN_ANNOUNCED) {
      site.uploadEvent(client.repo(), id, bundle.length);
    }
    if (door == Door.EVENT_ALONE) {
      // Nobody announces it: the moment that it waits for that is over.
      site.execute("update jobs set not_before = null");
      site.runJobs(client.repo());
    }
    if (door != Door.EVENT_ALONE) {
      seen.add(client.unpack(id, Map.of()));
      site.uploadEvent(client.repo(), id, bundle.length);
    }
    return seen;
  }

  private static Answer filter(TestClient client, ContentId id) {
    return client.post("/filter-objects", Map.of("object_ids", List.of(id.hex())));
  }

  private static String visible(List<Answer> seen, String repo, byte[] content) {
    StringBuilder text = new StringBuilder();
    for (Answer answer : seen) {
      String body = new String(answer.bytes(), UTF_8);
      text.append(answer.status()).append(' ').append(body).append('\n');
    }
    String same = text.toString().replace(repo, "REPO").replace(new String(content, UTF_8), "IT");
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
