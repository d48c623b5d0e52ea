package dev.sheaf.repair.presence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.counting.CountingObjectStore;
import dev.sheaf.storage.counting.RequestCounts;
import dev.sheaf.storage.counting.RequestKind;
import dev.sheaf.testing.InMemoryObjectStore;
import dev.sheaf.testing.ManualClock;
import dev.sheaf.testing.RandomisedTest;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PresenceIndexTest {
  private final ManualClock clock = new ManualClock();
  private final InMemoryObjectStore bucket = new InMemoryObjectStore(clock);
  private final RequestCounts counts = new RequestCounts();

  private PresenceIndex list(int lanes) {
    return list(bucket, lanes);
  }

  private PresenceIndex list(ObjectStore store, int lanes) {
    return new PresenceLister(new CountingObjectStore(store, counts), clock, _ -> {}).list(lanes);
  }

  private static ContentId id(Random random) {
    byte[] bytes = new byte[ContentId.LENGTH];
    random.nextBytes(bytes);
    return ContentId.ofBytes(bytes);
  }

  private static byte[] bytes(int size) {
    return new byte[size];
  }

  @Test
  void buildIndexIncludesLocalBlob() {
    Random random = new Random(1);
    ContentId object = id(random);
    ContentId pack = id(random);
    String bundle = ObjectKeys.bundle("owner", "repo", object);
    bucket.plant(ObjectKeys.object(object), bytes(3));
    bucket.plant(ObjectKeys.pack(pack), bytes(4));
    bucket.plant(bundle, bytes(5));
    PresenceIndex index = list(1);
    Standing.Present found = (Standing.Present) index.of(Kind.OBJECT, ObjectKeys.object(object));
    assertThat(found.size()).isEqualTo(3);
    assertThat(found.lastModified()).isEqualTo(clock.instant());
    String etag = bucket.head(ObjectKeys.object(object)).orElseThrow().etag();
    assertThat(found.isAs(3, etag)).isTrue();
    assertThat(found.isAs(3, etag.replace("\"", ""))).as("without quotes").isTrue();
    assertThat(found.isAs(3, "\"other\"")).isFalse();
    assertThat(found.isAs(2, etag)).isFalse();
    assertThat(index.of(Kind.PACK, ObjectKeys.pack(pack))).isInstanceOf(Standing.Present.class);
    assertThat(index.of(Kind.BUNDLE, bundle)).isInstanceOf(Standing.Present.class);
    assertThat(index.of(Kind.BUNDLE, ObjectKeys.bundle("owner", "other", object)))
        .as("the same bundle in another repository")
        .isEqualTo(Standing.ABSENT);
    assertThat(index.of(Kind.OBJECT, ObjectKeys.object(pack))).isEqualTo(Standing.ABSENT);
    assertThat(index.listing().entries()).isEqualTo(3);
  }

  /** Folders, other people's files, ids spelled otherwise. */
  @Test
  void indexSkipsDirectories() {
    String id = "ab".repeat(32);
    for (String key :
        List.of(
            "objects/",
            "objects/ab/",
            "objects/ab/" + id.toUpperCase(java.util.Locale.ROOT),
            "objects/cd/" + id,
            "objects/ab/" + id + ".tmp",
            "objects/" + id,
            "packs/x",
            "bundles/owner/" + id,
            "bundles/owner/repo/deep/" + id,
            "elsewhere/" + id)) {
      bucket.plant(key, bytes(1));
    }
    bucket.plant("objects/ab/" + id, bytes(1));
    PresenceIndex index = list(2);
    assertThat(index.listing().entries()).isEqualTo(1);
    assertThat(index.listing().foreign()).isEqualTo(8);
  }

  @RandomisedTest(seeds = 5)
  void knowsWhatTheBucketHasAndNothingElse(long seed) {
    Random random = new Random(seed);
    int count = random.nextInt(3_000);
    TreeSet<ContentId> ids = new TreeSet<>();
    for (int i = 0; i < count; i++) {
      ContentId id = id(random);
      ids.add(id);
      bucket.plant(ObjectKeys.object(id), bytes(i % 100));
    }
    bucket.withPageSize(1 + random.nextInt(300));
    int lanes = 1 + random.nextInt(256);
    PresenceIndex index = list(lanes);
    assertThat(ids)
        .noneMatch(id -> index.of(Kind.OBJECT, ObjectKeys.object(id)).equals(Standing.ABSENT));
    for (int i = 0; i < 1_000; i++) {
      ContentId other = id(random);
      assertThat(index.of(Kind.OBJECT, ObjectKeys.object(other)))
          .as("seed %d", seed)
          .isEqualTo(Standing.ABSENT);
    }
    List<ContentId> all = new ArrayList<>();
    index.objectsBetween(null, null, (id, _) -> all.add(id));
    assertThat(all).as("seed %d, %d lanes", seed, lanes).containsExactlyElementsOf(ids);
    ContentId from = id(random);
    ContentId to = id(random);
    List<ContentId> some = new ArrayList<>();
    index.objectsBetween(from, to, (id, _) -> some.add(id));
    assertThat(some)
        .containsExactlyElementsOf(
            ids.stream().filter(id -> id.compareTo(from) > 0 && id.compareTo(to) <= 0).toList());
  }

  /** ceil(N/1000) + lanes, whatever the number of lanes. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 16, 256})
  void aListForEachThousandKeysAndOneForEachLane(int lanes) {
    Random random = new Random(7);
    int keys = 5_500;
    for (int i = 0; i < keys; i++) {
      bucket.plant(ObjectKeys.object(id(random)), bytes(1));
    }
    PresenceIndex index = list(lanes);
    int most = (keys + 999) / 1_000 + lanes + 2;
    assertThat(counts.count(RequestKind.S3_LIST))
        .isEqualTo(index.listing().requests())
        .isLessThanOrEqualTo((long) most);
    assertThat(counts.asMap()).containsOnlyKeys("s3_list");
    assertThat(index.listing().entries()).isEqualTo(keys);
  }

  /** Ranges one after the other say what one listing says, and nothing of what is outside. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void rangesComeToTheWhole(long seed) {
    Random random = new Random(seed);
    List<ContentId> ids = IntStream.range(0, 500).mapToObj(_ -> id(random)).sorted().toList();
    ids.forEach(id -> bucket.plant(ObjectKeys.object(id), bytes(1)));
    List<ContentId> ends =
        new ArrayList<>(ids.stream().filter(_ -> random.nextInt(90) == 0).toList());
    ends.add(ids.getLast());
    ContentId after = null;
    long seen = 0;
    for (ContentId last : ends) {
      Range range = new Range(after, last);
      PresenceIndex index =
          new PresenceLister(bucket, clock, _ -> {}).list(1 + random.nextInt(9), range);
      for (ContentId id : ids) {
        Standing standing = index.of(Kind.OBJECT, ObjectKeys.object(id));
        assertThat(standing instanceof Standing.Present)
            .as("%s in %s", id, range)
            .isEqualTo(range.holds(id));
        assertThat(standing).isNotEqualTo(Standing.ABSENT);
      }
      seen += index.listing().entries();
      assertThat(index.listedUpTo(last)).isEqualTo(index.listing().entries());
      after = last;
    }
    assertThat(seen).as("seed %d", seed).isEqualTo(ids.size());
  }

  @Test
  void anEntryTakes48Bytes() {
    Random random = new Random(7);
    for (int i = 0; i < 10_000; i++) {
      bucket.plant(ObjectKeys.object(id(random)), bytes(1));
    }
    assertThat(list(4).bytes()).isEqualTo(48L * 10_000);
  }

  @Test
  void saysHowFarItIs() {
    Random random = new Random(7);
    for (int i = 0; i < 2_500; i++) {
      bucket.plant(ObjectKeys.object(id(random)), bytes(1));
    }
    AtomicLong most = new AtomicLong();
    new PresenceLister(bucket, clock, n -> most.accumulateAndGet(n, Math::max)).list(4);
    assertThat(most.get()).isGreaterThanOrEqualTo(2_000);
  }

  @Test
  void lanesGrowWithTheBucket() {
    assertThat(PresenceLister.lanesFor(0)).isEqualTo(1);
    assertThat(PresenceLister.lanesFor(35_000)).isEqualTo(3);
    assertThat(PresenceLister.lanesFor(100_000_000)).isEqualTo(16);
  }

  /** Any page that fails takes the whole index with it. */
  @Test
  void indexFailureOnSecondPage() {
    Random random = new Random(7);
    for (int i = 0; i < 30; i++) {
      bucket.plant(ObjectKeys.object(id(random)), bytes(1));
    }
    bucket.withPageSize(10);
    LyingStore throttled =
        new LyingStore(bucket)
            .onPage(
                2,
                _ -> {
                  throw new SheafException(ErrorKind.UNAVAILABLE, "503 SlowDown");
                });
    assertThatThrownBy(() -> list(throttled, 1))
        .isInstanceOf(ListingException.class)
        .hasMessageContaining("503 SlowDown");
  }

  @Test
  void aListingOutOfOrderIsNone() {
    Random random = new Random(7);
    for (int i = 0; i < 30; i++) {
      bucket.plant(ObjectKeys.object(id(random)), bytes(1));
    }
    LyingStore reversed =
        new LyingStore(bucket)
            .onPage(
                1, page -> new ObjectStore.Page(page.objects().reversed(), List.of(), page.next()));
    assertThatThrownBy(() -> list(reversed, 1))
        .isInstanceOf(ListingException.class)
        .hasMessageContaining("out of order");
  }

  @Test
  void aPageThatNeverEndsIsNone() {
    LyingStore endless =
        new LyingStore(bucket).onEveryPage(_ -> new ObjectStore.Page(List.of(), List.of(), "more"));
    assertThatThrownBy(() -> list(endless, 1))
        .isInstanceOf(ListingException.class)
        .hasMessageContaining("empty, and says that more follow");
  }
}
