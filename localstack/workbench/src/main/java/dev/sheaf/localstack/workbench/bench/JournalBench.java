package dev.sheaf.localstack.workbench.bench;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.cli.process.Environment;
import dev.sheaf.journal.CompactionReport;
import dev.sheaf.journal.Compactor;
import dev.sheaf.journal.Journal;
import dev.sheaf.journal.JournalOptions;
import dev.sheaf.journal.Namespace;
import dev.sheaf.journal.Operation;
import dev.sheaf.journal.json.Json;
import dev.sheaf.journal.json.JsonObject;
import dev.sheaf.localstack.servers.LocalServers;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.counting.CountingObjectStore;
import dev.sheaf.storage.counting.RequestCounts;
import dev.sheaf.storage.wiring.Site;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code localstack/bench journal}: how fast a journal starts, writes and compacts. */
@Command(
    name = "journal",
    mixinStandardHelpOptions = true,
    description = {
      "Measure the journal: writes, cold start, compaction, and growth with the state.",
      "Prints one JSON object a line. In MEMORY it measures the journal alone; EMBEDDED, against"
          + " the S3 server of the local stack, the client and HTTP as well. S3 is the bucket of the"
          + " environment (SHEAF_BUCKET, AWS_...), where it leaves namespaces bench-... behind."
    })
final class JournalBench implements Runnable {
  /** Where the segments lie. */
  enum Store {
    MEMORY,
    EMBEDDED,
    S3
  }

  /** The first says what later ones need not compile any more. */
  private static final int COLD_STARTS = 3;

  private static final int COLLECTIONS = 3;

  /** Young enough to be old soon: a fold takes what is older than this by the store's stamps. */
  private static final Duration AGE = Duration.ofSeconds(2);

  private static final JournalOptions OPTIONS =
      JournalOptions.forFunction()
          .withJitter(Duration.ZERO)
          .withPutTimeout(AGE.dividedBy(2))
          .withThresholds(256, AGE);

  private final Environment environment;

  @Option(names = "--store", defaultValue = "MEMORY", description = "${COMPLETION-CANDIDATES}")
  private Store store = Store.MEMORY;

  @Option(names = "--segments", defaultValue = "10000", description = "Segments to start over.")
  private int segments;

  @Option(names = "--seconds", defaultValue = "3", description = "Time to write for.")
  private int seconds;

  @Option(
      names = "--entries",
      split = ",",
      defaultValue = "10000,100000,1000000",
      description = "Sizes of a set of SHA-256 ids to start over.")
  private List<Integer> entries = List.of();

  JournalBench(Environment environment) {
    this.environment = environment;
  }

  @Override
  public void run() {
    try (LocalServers servers = LocalServers.builder().s3().start()) {
      writers(open(servers), 1);
      writers(open(servers), 16);
      startAndCompact(open(servers));
      for (int size : entries) {
        growth(open(servers), size);
      }
    } catch (IOException e) {
      throw new SheafException(ErrorKind.UNAVAILABLE, "the local S3 server did not start: " + e, e);
    }
  }

  /** A bucket, and a namespace in it that nobody has written to. */
  private record Place(ObjectStore bucket, Namespace namespace) {}

  private Place open(LocalServers servers) throws IOException {
    Namespace fresh = Namespace.of("bench-" + environment.clock().instant().toEpochMilli());
    return new Place(bucket(servers), fresh);
  }

  private ObjectStore bucket(LocalServers servers) throws IOException {
    return switch (store) {
      case MEMORY -> new MemoryBucket(environment.clock());
      case EMBEDDED -> {
        Map<String, String> variables = new HashMap<>(servers.environment());
        variables.put("SHEAF_BUCKET", servers.newBucket());
        yield Site.from(variables).objects();
      }
      case S3 -> Site.from(environment.variables()).objects();
    };
  }

  private void print(String what, JsonObject.Builder numbers) {
    environment
        .out()
        .println(
            numbers.put("bench", what).put("store", store.name().toLowerCase(Locale.ROOT)).build());
  }

  private void writers(Place place, int count) {
    RequestCounts counts = new RequestCounts();
    AtomicLong applied = new AtomicLong();
    long begin = environment.nanoTime().getAsLong();
    long end = begin + Duration.ofSeconds(seconds).toNanos();
    try (Journal journal =
        Journal.open(new CountingObjectStore(place.bucket, counts), place.namespace, OPTIONS)) {
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        threads.add(Thread.ofVirtual().start(() -> write(journal, end, applied)));
      }
      threads.forEach(JournalBench::join);
    }
    print(
        "apply",
        Json.object()
            .put("writers", count)
            .put("operations", applied.get())
            .put("operations_per_second", perSecond(applied.get(), begin))
            .put("requests", counts.toString()));
  }

  private void write(Journal journal, long end, AtomicLong applied) {
    Operation one = new Operation.IntAdd("n", 1);
    while (environment.nanoTime().getAsLong() - end < 0) {
      journal.apply(one);
      applied.incrementAndGet();
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private long perSecond(long count, long begin) {
    return count * 1_000_000_000L / Math.max(1, environment.nanoTime().getAsLong() - begin);
  }

  private long millisSince(long begin) {
    return (environment.nanoTime().getAsLong() - begin) / 1_000_000;
  }

  private void startAndCompact(Place place) {
    IntStream.range(0, segments).parallel().forEach(i -> put(place, i));
    for (int i = 0; i < COLD_STARTS; i++) {
      coldStart(place);
    }
    pause();
    put(place, segments);
    LastRead timed = new LastRead(place.bucket, environment.nanoTime());
    long begin = environment.nanoTime().getAsLong();
    CompactionReport report = compacted(new Compactor(timed, OPTIONS), place);
    print(
        "compaction",
        Json.object()
            .put("segments", report.segments())
            .put("folded", report.folded())
            .put("requests", report.requests())
            .put("millis", millisSince(begin))
            .put("after_reading_millis", millisSince(timed.lastSegmentRead())));
  }

  private static CompactionReport compacted(Compactor compactor, Place place) {
    return compactor.compact(compactor.survey(place.namespace).namespaces().getFirst());
  }

  private static void put(Place place, int i) {
    String body =
        "{\"ops\":[{\"op\":\"IntMapAdd\",\"Key\":\"counts\",\"MapKey\":\"k%d\",\"Delta\":1}]}"
            .formatted(i % 500);
    place.bucket.put(
        place.namespace.segmentKey("segment-01900000-0000-7000-8000-%012x.json".formatted(i)),
        Content.of(body.getBytes(StandardCharsets.UTF_8)),
        null,
        ObjectStore.Condition.ALWAYS,
        "application/json");
  }

  private void coldStart(Place place) {
    RequestCounts counts = new RequestCounts();
    Started started = start(place, counts);
    long heap = started.heap - usedHeap(); // without the journal, which is gone
    print(
        "cold-start",
        Json.object()
            .put("segments", segments)
            .put("millis", started.nanos / 1_000_000)
            .put("operations_per_second", segments * 1_000_000_000L / Math.max(1, started.nanos))
            .put("heap_bytes", heap)
            .put("heap_bytes_per_operation", heap / Math.max(1, segments))
            .put("quiet_tick_millis", started.quietNanos / 1_000_000)
            .put("requests_with_quiet_tick", counts.toString()));
  }

  /** A cold start and the tick after it, and the heap in between. */
  private record Started(long nanos, long heap, long quietNanos) {}

  private Started start(Place place, RequestCounts counts) {
    long begin = environment.nanoTime().getAsLong();
    try (Journal journal =
        Journal.open(new CountingObjectStore(place.bucket, counts), place.namespace, OPTIONS)) {
      journal.flush();
      long nanos = environment.nanoTime().getAsLong() - begin;
      long heap = usedHeap();
      long quietBegin = environment.nanoTime().getAsLong();
      journal.flush();
      return new Started(nanos, heap, environment.nanoTime().getAsLong() - quietBegin);
    }
  }

  private void growth(Place place, int size) {
    try (Journal journal =
        Journal.open(place.bucket, place.namespace, OPTIONS.withPutTimeout(AGE.minusMillis(1)))) {
      List<Operation> adds = new ArrayList<>();
      for (int i = 0; i < size; i++) {
        String id = "%016x".formatted(i * 0x9e3779b97f4a7c15L).repeat(4); // spread as SHA-256 is
        adds.add(new Operation.SetAdd("present", Json.of(id)));
      }
      journal.apply(adds);
    }
    pause();
    put(place, 0);
    Compactor compactor = new Compactor(place.bucket, OPTIONS.withThresholds(1, AGE));
    long begin = environment.nanoTime().getAsLong();
    CompactionReport report = compacted(compactor, place);
    long compacted = millisSince(begin);
    long before = usedHeap();
    begin = environment.nanoTime().getAsLong();
    try (Journal journal = Journal.open(place.bucket, place.namespace, OPTIONS)) {
      journal.flush();
      long started = millisSince(begin);
      print(
          "growth",
          Json.object()
              .put("entries", size)
              .put("state_bytes", report.stateBytes())
              .put("compaction_millis", compacted)
              .put("cold_start_millis", started)
              .put("heap_bytes_per_entry", (usedHeap() - before) / Math.max(1, size)));
    }
  }

  private void pause() {
    try {
      environment.sleeper().sleep(AGE.plusMillis(1100));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What is reachable: the least of what several collections leave. */
  private static long usedHeap() {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < COLLECTIONS; i++) {
      System.gc();
      Runtime runtime = Runtime.getRuntime();
      least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
    }
    return least;
  }
}
