package dev.sheaf.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.Once;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.testing.RandomisedTest;
import dev.sheaf.testing.StoreChecker;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;

/**
 * Two tenants of one site. Whatever one of them sends, it is answered alike whether what it names
 * is the other's or nobody's; and it never gets a byte that it did not send.
 */
class TenantsTest {
  private static final Supplier<ApiSite> SITE = new Once<>(ApiSite::start);

  private final ApiSite site = SITE.get();
  private Random random = new Random();
  private TestClient alice = site.client("alice/secrets");
  private int made;

  /** How an object came to be where the other tenant's are. */
  private enum Hiding {
    ANNOUNCED,
    INDEXED,
    SENT_BY_MUSE,
    STAGED,
    STORED_WITHOUT_A_ROW,
    /** That of a repository which is gone, and about to go itself. */
    MARKED
  }

  @RandomisedTest(seeds = 3)
  void noByteAndNoExistenceReachesTheOther(long seed) {
    random = new Random(seed);
    alice = site.client("alice/secrets-" + seed);
    for (int round = 0; round < 8; round++) {
      round(pick(Guesser.Door.values()));
    }
    StoreChecker.requireSound(site.store(), site.catalog());
  }

  /** However the seeds fall: each door once, at least. */
  @RandomisedTest(seeds = 1)
  void noByteAndNoExistenceByAnyDoor(long seed) {
    random = new Random(~seed); // other contents than the test above
    alice = site.client("alice/doors-" + seed);
    for (Guesser.Door door : Guesser.Door.values()) {
      round(door);
    }
    StoreChecker.requireSound(site.store(), site.catalog());
  }

  private void round(Guesser.Door door) {
    Hiding hiding = pick(Hiding.values());
    Guesser.Sends sends = pick(Guesser.Sends.values());
    byte[] secret = content();
    byte[] unknown = content();
    String hidden = hide(secret, hiding);
    String madeUp = name();

    String what = hiding + " " + sends + " " + door;
    assertThat(guesser(door, sends).tells(secret, hidden))
        .as(what)
        .isEqualTo(guesser(door, sends).tells(unknown, madeUp));
  }

  private Guesser guesser(Guesser.Door door, Guesser.Sends sends) {
    return new Guesser(site, "mallory/guess-" + site.rows("repos"), door, sends);
  }

  private <T> T pick(T[] values) {
    return values[random.nextInt(values.length)];
  }

  /** All contents have one length, and nobody can guess one from another. */
  private byte[] content() {
    return "content %016x".formatted(random.nextLong()).getBytes(UTF_8);
  }

  /** All names have one length, too. */
  private String name() {
    return "commit-%08d".formatted(made++);
  }

  /** Brings an object in; the commit that holds it, or a name that none has. */
  private String hide(byte[] secret, Hiding hiding) {
    ContentId id = ApiSite.sha256(secret);
    String commit = name();
    TestBundle bundle = new TestBundle().commitBytes(commit, List.of(), Map.of("f", secret));
    switch (hiding) {
      case ANNOUNCED -> alice.push(bundle.bytes(), Map.of(commit, commit)).expect(200);
      case INDEXED -> {
        alice.push(bundle.bytes(), Map.of(commit, commit)).expect(200);
        site.runJobs(alice.repo());
      }
      case SENT_BY_MUSE ->
          site.muse(alice.repo())
              .post(
                  "/push/objects", Map.of("objects", List.of(MuseClient.object(id.hex(), secret))))
              .expect(200);
      case STAGED -> {
        store(id, secret);
        prove(id);
      }
      case STORED_WITHOUT_A_ROW -> store(id, secret);
      case MARKED -> {
        store(id, secret);
        mark(id);
      }
    }
    return commit;
  }

  private void mark(ContentId id) {
    site.catalog()
        .execute(
            Statement.of(
                    """
                    insert into objects (object_id, size_bytes, storage_uri, created_at, marked_at)
                    values (:id, 24, 's3://' || :bucket || '/' || :key, now(), now())
                    """)
                .text("id", id.hex())
                .text("bucket", site.store().bucket())
                .text("key", ObjectKeys.object(id)));
  }

  /** What an attempt of a job has stored so far. */
  private void prove(ContentId id) {
    site.catalog()
        .execute(
            Statement.of(
                    """
                    with stored as (
                      insert into objects (object_id, size_bytes, storage_uri, created_at)
                      values (:id, 24, 's3://' || :bucket || '/' || :key, now())
                    )
                    insert into object_proofs (repo_id, object_id, job_id, created_at)
                    values (:repo, :id, 'a job', now())
                    """)
                .text("id", id.hex())
                .text("bucket", site.store().bucket())
                .text("key", ObjectKeys.object(id))
                .text("repo", site.repo(made(alice)).repoId()));
  }

  /** The repository of a client, once it has one. */
  private static String made(TestClient client) {
    client.post("/filter-objects", Map.of("object_ids", List.of())).expect(200);
    return client.repo();
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
}
