package dev.sheaf.repair;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.FileContent;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.codec.BundleReader;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.git.PackLimits;
import dev.sheaf.journal.JournalOptions;
import dev.sheaf.journal.site.KnownPresent;
import dev.sheaf.localstack.servers.LocalServers;
import dev.sheaf.repair.peer.BlobPeer;
import dev.sheaf.repair.peer.Peers;
import dev.sheaf.repair.presence.Kind;
import dev.sheaf.repository.CatalogSchema;
import dev.sheaf.repository.Repo;
import dev.sheaf.repository.Repos;
import dev.sheaf.repository.WantedPacks;
import dev.sheaf.repository.history.ObjectRows;
import dev.sheaf.repository.intake.Limits;
import dev.sheaf.storage.ObjectStore.Condition;
import dev.sheaf.storage.ObjectStore.StoredObject;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.storage.counting.CountingObjectStore;
import dev.sheaf.storage.counting.RequestCounts;
import dev.sheaf.storage.counting.RequestKind;
import dev.sheaf.storage.wiring.Site;
import dev.sheaf.testing.InMemoryJobQueue;
import dev.sheaf.testing.InMemoryObjectStore;
import dev.sheaf.testing.ManualClock;
import dev.sheaf.testing.SequentialIds;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Three sites with clocks of their own, of which two are to have each bundle. Things are deleted
 * and falsified, buckets emptied, sites cut off from one another, while cycles of repair run: none
 * of them ever takes the last good copy of anything. When all is well again, each site has what it
 * is to have of whatever was left somewhere, and rests.
 */
class SitesSimulationTest {
  private static final int SITES = 3;
  private static final int COPIES = 2;
  private static final int BUNDLES = 8;
  private static final int EVENTS = 40;
  private static final List<Catalog> CATALOGS =
      IntStream.range(0, SITES).mapToObj(_ -> newCatalog()).toList();

  @TempDir private Path spool;

  private final List<Place> places = new ArrayList<>();
  private final Set<ContentId> bundles = new HashSet<>();
  private final Set<ContentId> objects = new HashSet<>();
  private final Set<String> cut = new HashSet<>();

  private static Catalog newCatalog() {
    Catalog catalog = Site.from(LocalServers.shared().newSite()).catalog();
    CatalogSchema.migrations().apply(catalog);
    return catalog;
  }

  private final class Place {
    private final int number;
    private final ManualClock clock = new ManualClock();
    private final InMemoryObjectStore bucket = new InMemoryObjectStore(clock);
    private final Catalog catalog;
    private final SequentialIds ids = new SequentialIds();
    private RequestCounts requests = new RequestCounts();

    Place(int number, Random random) {
      this.number = number;
      this.catalog = CATALOGS.get(number);
      clock.advance(Duration.ofMinutes(random.nextInt(30)));
      catalog.execute(
          Statement.of(
              "truncate repos, objects, object_refs, object_proofs, bundles, packs, jobs,"
                  + " repo_records, repair_trackers, lost"));
      catalog.execute(
          Statement.of("update repair_state set holder = null, listed_entries = 0, scrubbed = ''"));
    }

    private String url() {
      return urlOf(number);
    }

    private void take(byte[] bundle, String... contents) {
      Repo repo = new Repos(catalog).findOrCreate("owner", "r", "repo", clock.instant());
      ContentId id = Ids.object(bundle);
      bucket.put(bundleKey(id), Content.of(bundle), id, Condition.ALWAYS, "x/y");
      catalog.execute(
          Statement.of(
                  """
                  insert into bundles (repo_id, bundle, seq, size_bytes, state, registered_at)
                  select :repo, :bundle, coalesce(max(seq), 0) + 1, :size, 'indexed',
                    :now::timestamptz
                  from bundles
                  """)
              .text("repo", repo.repoId())
              .text("bundle", id.hex())
              .number("size", bundle.length)
              .text("now", clock.instant().toString()));
      List<ObjectRows.Stored> stored = new ArrayList<>();
      for (String content : contents) {
        byte[] bytes = SiteTest.text(content);
        ContentId object = Ids.object(bytes);
        bucket.put(ObjectKeys.object(object), Content.of(bytes), object, Condition.ALWAYS, "x/y");
        String etag = bucket.head(ObjectKeys.object(object)).orElseThrow().etag();
        stored.add(new ObjectRows.Stored(object, bytes.length, etag));
      }
      new ObjectRows(catalog).putHeld(repo.repoId(), stored, bucket.bucket(), clock.instant());
    }

    private RepairTracker cycle(boolean isCleanup) {
      clock.advance(Duration.ofHours(1));
      catalog.execute(Statement.of("update repair_trackers set cursor_i = " + (isCleanup ? 4 : 1)));
      requests = new RequestCounts();
      CountingObjectStore store = new CountingObjectStore(bucket, requests);
      List<BlobPeer> others =
          places.stream().filter(place -> place != this).<BlobPeer>map(this::peer).toList();
      CycleRun run =
          new Cycle(
                  new Cycle.Ports(
                      store,
                      catalog,
                      BundleReader.spoolingTo(spool),
                      Limits.of(4, 2),
                      new PackSpace(spool, PackLimits.of(1L << 30, 1L << 30)),
                      new KnownPresent(store, JournalOptions.forFunction()),
                      new Peers(Optional.of(url()), others, COPIES),
                      InMemoryJobQueue::new,
                      clock,
                      clock,
                      ids),
                  RepairOptions.DEFAULT.withScrubBytes(1 << 20).withSurplusAfter(Duration.ZERO),
                  _ -> {})
              .run(Optional.empty(), () -> false);
      assertThat(run.outcome()).isEqualTo(CycleRun.Outcome.FINISHED);
      return run.cycle().orElseThrow();
    }

    private SeenPeer peer(Place other) {
      return new SeenPeer(this, other);
    }

    private boolean hasGood(String key, ContentId id) {
      return bucket.head(key).isPresent() && Ids.object(bucket.bytes(key)).equals(id);
    }
  }

  /** A site as another one sees it. */
  private final class SeenPeer implements BlobPeer {
    private final Place from;
    private final Place to;

    SeenPeer(Place from, Place to) {
      this.from = from;
      this.to = to;
    }

    @Override
    public String site() {
      return to.url();
    }

    private boolean isCut() {
      return cut.contains(pair(from.number, to.number));
    }

    @Override
    public Holding holds(ContentId id) {
      Optional<StoredObject> found = to.bucket.head(bundleKey(id));
      if (isCut()) {
        return new Holding.NoAnswer("cut off");
      }
      return found
          .<Holding>map(bundle ->
              new Holding.Has("bundle", bundle.size(), Objects.equals(bundle.sha256(), id)))
          .orElse(new Holding.HasNot());
    }

    @Override
    public List<WantedPacks.Wanted> packs(String repoId) {
      return List.of();
    }

    @Override
    public Answer fetch(ContentId id) {
      if (isCut()) {
        return new Answer.NoAnswer("cut off");
      }
      String key = bundles.contains(id) ? bundleKey(id) : ObjectKeys.object(id);
      if (to.bucket.head(key).isEmpty()) {
        return new Answer.HasNot();
      }
      try {
        byte[] bytes = to.bucket.bytes(key);
        return new Answer.Bytes(
            new FileContent(
                Files.write(Files.createTempFile(spool, "pulled", null), bytes), bytes.length));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static String urlOf(int site) {
    return "https://site" + site + ".example";
  }

  private static String pair(int a, int b) {
    return Math.min(a, b) + " " + Math.max(a, b);
  }

  private static String bundleKey(ContentId id) {
    return ObjectKeys.bundle("owner", "r", id);
  }

  private void fill(Random random) {
    for (int i = 0; i < SITES; i++) {
      places.add(new Place(i, random));
    }
    for (int i = 0; i < BUNDLES; i++) {
      String[] contents = {"content " + i, "other content " + i + " " + random.nextInt()};
      byte[] bundle = SiteTest.bundle(contents);
      bundles.add(Ids.object(bundle));
      Arrays.stream(contents).map(SiteTest::id).forEach(objects::add);
      places.forEach(place -> place.take(bundle, contents));
    }
  }

  /** What there is a good copy of, at whichever site. */
  private Set<ContentId> good() {
    Set<ContentId> good = new HashSet<>();
    for (Place place : places) {
      bundles.stream().filter(id -> place.hasGood(bundleKey(id), id)).forEach(good::add);
      objects.stream().filter(id -> place.hasGood(ObjectKeys.object(id), id)).forEach(good::add);
    }
    return good;
  }

  private void damage(Place place, Random random) {
    List<String> keys =
        place.bucket.keys().stream()
            .filter(key -> key.startsWith("bundles/") || key.startsWith("objects/"))
            .toList();
    if (keys.isEmpty()) {
      return;
    }
    String key = keys.get(random.nextInt(keys.size()));
    switch (random.nextInt(6)) {
      case 0, 1, 2 -> place.bucket.delete(List.of(key));
      case 3, 4 -> {
        byte[] bytes = place.bucket.bytes(key).clone(); // of the same length
        bytes[random.nextInt(bytes.length)] ^= 1;
        place.bucket.plant(key, bytes);
      }
      default -> {
        if (random.nextInt(3) == 0) {
          place.bucket.delete(place.bucket.keys());
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void noCycleTakesTheLastGoodCopy(long seed) {
    Random random = new Random(seed);
    fill(random);
    places.forEach(place -> place.cycle(true));
    Map<String, Integer> happened = new TreeMap<>();
    for (int event = 0; event < EVENTS; event++) {
      Place place = places.get(random.nextInt(SITES));
      switch (random.nextInt(5)) {
        case 0 -> {
          String pair = pair(place.number, (place.number + 1 + random.nextInt(2)) % SITES);
          if (!cut.remove(pair)) {
            cut.add(pair);
          }
        }
        case 1, 2 -> damage(place, random);
        default -> {
          Set<ContentId> before = good();
          RepairTracker tracker = place.cycle(random.nextBoolean());
          assertThat(good()).as("seed %d, event %d", seed, event).containsAll(before);
          tracker
              .counters()
              .asMap()
              .forEach((name, n) -> happened.merge(name, n.intValue(), Integer::sum));
        }
      }
    }
    assertThat(happened)
        .as("seed %d", seed)
        .containsKeys("delete_over_replicated_success", "pull_mine_needed", "remade_from_bundle");
    cut.clear();
    requireRest(seed);
  }

  /** In whichever order they heal: some rounds, then nothing is left to do. */
  private void requireRest(long seed) {
    Set<ContentId> left = good();
    for (int round = 0; round < 4; round++) {
      for (Place place : places) {
        place.clock.advance(Duration.ofDays(31)); // what was declared lost is looked for again
        place.cycle(true);
        place.cycle(false); // the first reader of a journal writes to it
      }
    }
    assertThat(good()).as("seed %d", seed).containsAll(left);
    for (Place place : places) {
      RepairTracker tracker = place.cycle(false);
      assertThat(place.requests.count(RequestKind.S3_PUT)).as("seed %d", seed).isZero();
      assertThat(place.requests.count(RequestKind.S3_DELETE)).as("seed %d", seed).isZero();
      assertThat(tracker.counters().get(Counter.PULL_MINE_SUCCESS)).isZero();
      Peers peers =
          new Peers(
              Optional.of(place.url()),
              places.stream().filter(other -> other != place).<BlobPeer>map(place::peer).toList(),
              COPIES);
      for (ContentId id : left) {
        boolean isBundle = bundles.contains(id);
        boolean isMine = !isBundle || peers.isMine(Kind.BUNDLE, id);
        String key = isBundle ? bundleKey(id) : ObjectKeys.object(id);
        assertThat(place.hasGood(key, id))
            .as("seed %d: %s at site %d", seed, key, place.number)
            .isEqualTo(isMine);
      }
    }
    assertThat(spool).isEmptyDirectory();
  }
}
