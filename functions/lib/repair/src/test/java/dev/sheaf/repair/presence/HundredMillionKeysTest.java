package dev.sheaf.repair.presence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.storage.ForwardingObjectStore;
import dev.sheaf.storage.ObjectStore.Page;
import dev.sheaf.storage.ObjectStore.StoredObject;
import dev.sheaf.testing.InMemoryObjectStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * What listing 100 million objects takes, range by range: gone through with a thousandth of the
 * keys, one a page, which are as many requests. The README's figures are these.
 */
class HundredMillionKeysTest {
  private static final long SEED = 20_261_128;
  private static final int SCALE = 1_000;
  private static final int KEYS = 100_000_000 / SCALE;
  private static final int RANGE = 5_000_000 / SCALE;
  private static final int PAGE = 1_000 / SCALE;
  private static final int LANES = PresenceLister.lanesFor(5_000_000);
  private static final int BUNDLES = 1_000_000 / SCALE;

  private static final double SECONDS_A_LIST = 0.05;
  private static final double DOLLARS_A_LIST = 0.005 / 1_000;

  /** Keys in their order, made when they are listed. */
  private static final class Endless extends ForwardingObjectStore {
    private final Map<Integer, AtomicInteger> pagesOfLanes = new ConcurrentHashMap<>();
    private final AtomicInteger lanes = new AtomicInteger();

    Endless() {
      super(new InMemoryObjectStore());
    }

    /** Evenly spread, each at a place of its own within its share. */
    static ContentId id(int number) {
      long share = Long.divideUnsigned(-1L, KEYS);
      SplittableRandom random = new SplittableRandom(SEED + number);
      ByteBuffer bytes = ByteBuffer.allocate(ContentId.LENGTH);
      bytes.putLong(share * number + random.nextLong(share));
      bytes.putLong(random.nextLong()).putLong(random.nextLong()).putLong(random.nextLong());
      return ContentId.ofBytes(bytes.array());
    }

    private static String key(String prefix, int number) {
      return prefix.equals(ObjectKeys.BUNDLES)
          ? ObjectKeys.bundle("owner", "repo", id(number))
          : ObjectKeys.object(id(number));
    }

    private static int count(String prefix) {
      return switch (prefix) {
        case ObjectKeys.OBJECTS -> KEYS;
        case ObjectKeys.BUNDLES -> BUNDLES;
        default -> 0;
      };
    }

    private Page page(String prefix, int lane, int from) {
      pagesOfLanes.computeIfAbsent(lane, _ -> new AtomicInteger()).incrementAndGet();
      List<StoredObject> objects = new ArrayList<>();
      int to = Math.min(count(prefix), from + PAGE);
      for (int i = from; i < to; i++) {
        objects.add(new StoredObject(key(prefix, i), i, "\"" + i + "\"", Instant.EPOCH, null));
      }
      return new Page(objects, List.of(), to < count(prefix) ? lane + " " + to : null);
    }

    @Override
    public Page listAfter(String prefix, String startAfter) {
      int low = 0;
      int high = count(prefix);
      while (low < high) {
        int middle = (low + high) >>> 1;
        if (key(prefix, middle).compareTo(startAfter) > 0) {
          high = middle;
        } else {
          low = middle + 1;
        }
      }
      return page(prefix, lanes.getAndIncrement(), low);
    }

    @Override
    public Page list(String prefix, @Nullable String delimiter, @Nullable String continuation) {
      String after = Objects.requireNonNull(continuation);
      int blank = after.indexOf(' ');
      return page(
          prefix,
          Integer.parseInt(after.substring(0, blank)),
          Integer.parseInt(after.substring(blank + 1)));
    }

    /** Of the ranges that were listed since the last time. */
    int longestLane() {
      int longest =
          Collections.max(pagesOfLanes.values().stream().map(AtomicInteger::get).toList());
      pagesOfLanes.clear();
      return longest;
    }
  }

  @Test
  void theReadmesFiguresAreThese() throws IOException {
    Endless store = new Endless();
    PresenceLister lister = new PresenceLister(store, InstantSource.system(), _ -> {});
    int ranges = 0;
    long entries = 0;
    long requests = 0;
    long bytes = 0;
    long oneAfterTheOther = 0;
    for (int from = 0; from < KEYS; from += RANGE) {
      PresenceIndex index = lister.list(LANES, range(from));
      ranges++;
      entries += index.listing().entries();
      requests += index.listing().requests();
      bytes = Math.max(bytes, index.bytes());
      oneAfterTheOther += store.longestLane();
      assertThat(index.of(Kind.OBJECT, Endless.key(ObjectKeys.OBJECTS, from + RANGE / 2)))
          .isInstanceOf(Standing.Present.class);
    }
    assertThat(ranges).isEqualTo(20);
    assertThat(entries).as("each key once").isEqualTo(KEYS + BUNDLES);
    int atBest = (KEYS + BUNDLES) / PAGE;
    assertThat(requests).as("but for the ends of lanes").isBetween((long) atBest, atBest + 700L);
    String figures =
        "%,d LISTs, %.2f USD, %.0f s at 50 ms each, %d MB"
            .formatted(
                requests,
                requests * DOLLARS_A_LIST,
                oneAfterTheOther * SECONDS_A_LIST,
                bytes * SCALE / 1_000_000);
    assertThat(Files.readString(Path.of("README.md"))).as("seed %d", SEED).contains(figures);
  }

  /** As the catalog cuts them, which knows the same ids. */
  private static Range range(int from) {
    return new Range(
        from == 0 ? null : Endless.id(from - 1),
        from + RANGE < KEYS ? Endless.id(from + RANGE - 1) : null);
  }

  /** What an earlier range has gone through is listed once more only for whoever asks for it. */
  @Test
  void otherKindsAreListedWithTheFirstRange() {
    Endless store = new Endless();
    PresenceLister lister = new PresenceLister(store, InstantSource.system(), _ -> {});
    PresenceIndex later = lister.list(1, range(RANGE));
    assertThat(later.lists(Kind.BUNDLE)).isFalse();
    assertThat(later.laterRequests()).isZero();
    List<String> bundles =
        List.of(Endless.key(ObjectKeys.BUNDLES, 7), ObjectKeys.bundle("owner", "x", Endless.id(7)));
    assertThat(later.of(Kind.BUNDLE, bundles))
        .satisfiesExactly(
            here -> assertThat(here).isInstanceOf(Standing.Present.class),
            gone -> assertThat(gone).isEqualTo(Standing.ABSENT));
    assertThat(later.laterRequests()).isEqualTo(BUNDLES / PAGE);
    later.of(Kind.BUNDLE, bundles);
    assertThat(later.laterRequests()).as("once").isEqualTo(BUNDLES / PAGE);
  }
}
