package dev.sheaf.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.SheafException;
import dev.sheaf.journal.Operation.IntAdd;
import dev.sheaf.journal.Operation.ListAppend;
import dev.sheaf.journal.Operation.SetAdd;
import dev.sheaf.journal.json.Json;
import dev.sheaf.localstack.servers.LocalServers;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.counting.CountingObjectStore;
import dev.sheaf.storage.counting.RequestCounts;
import dev.sheaf.storage.wiring.Site;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Real ticks, real elections, a real S3 server, for {@code sheaf.journal.soak} seconds. */
@DisplayNameGeneration(ScenarioNames.class)
@EnabledIfSystemProperty(named = "sheaf.journal.soak", matches = "[0-9]+")
class SoakTest {
  private static final Logger LOG = LoggerFactory.getLogger(SoakTest.class);

  private static final JournalOptions EAGER =
      JournalOptions.defaults()
          .withPutTimeout(Duration.ofMillis(1_900))
          .withSyncInterval(Duration.ofMillis(500))
          .withThresholds(8, Duration.ofSeconds(2));

  private final AtomicLong next = new AtomicLong();
  private final AtomicInteger unknown = new AtomicInteger();
  private final Set<Json> acknowledged = ConcurrentHashMap.newKeySet();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

  @Test
  void soak() throws IOException, InterruptedException {
    run(1);
  }

  @Test
  void soakReplicas() throws IOException, InterruptedException {
    run(3);
  }

  private void run(int replicas) throws IOException, InterruptedException {
    long end =
        System.nanoTime() + Duration.ofSeconds(Long.getLong("sheaf.journal.soak", 60)).toNanos();
    try (LocalServers servers = LocalServers.builder().s3().start()) {
      Map<String, String> environment = new HashMap<>(servers.environment());
      environment.put("SHEAF_BUCKET", servers.newBucket());
      RequestCounts requests = new RequestCounts();
      ObjectStore bucket = new CountingObjectStore(Site.from(environment).objects(), requests);
      List<Journal> journals = new ArrayList<>();
      for (int i = 0; i < replicas; i++) {
        journals.add(Journal.open(bucket, Namespace.of("soak"), EAGER));
      }
      List<Thread> writers = new ArrayList<>();
      for (Journal journal : journals) {
        for (int i = 0; i < 4; i++) {
          writers.add(Thread.ofVirtual().start(() -> write(journal, end)));
        }
      }
      for (Thread writer : writers) {
        writer.join();
      }
      assertThat(failure.get()).isNull();
      check(journals);
      journals.forEach(Journal::close);
      Snapshot left = Snapshot.take(bucket, Namespace.of("soak"), EAGER);
      LOG.info(
          "soaked; replicas={} writes={} unknown={} requests={} segments_left={} mark={}",
          replicas,
          acknowledged.size(),
          unknown.get(),
          requests,
          left.segments(),
          left.mark().stampText());
      assertThat(left.mark()).as("somebody folded").isNotEqualTo(Mark.ZERO);
    }
  }

  private void write(Journal journal, long end) {
    try {
      long seen = 0;
      while (System.nanoTime() - end < 0) {
        writeOnce(journal);
        long now = journal.integer("n");
        assertThat(now).as("counts never go back").isGreaterThanOrEqualTo(seen);
        seen = now;
      }
    } catch (RuntimeException | AssertionError e) {
      failure.compareAndSet(null, e);
    }
  }

  private void writeOnce(Journal journal) {
    Json mine = Json.of(next.getAndIncrement());
    try {
      journal.apply(new IntAdd("n", 1), new SetAdd("set", mine), new ListAppend("list", mine));
      acknowledged.add(mine);
      assertThat(journal.contains("set", mine)).as("own write %s", mine).isTrue();
    } catch (SheafException e) {
      unknown.incrementAndGet(); // on a busy machine a PUT may outlast its time, and land or not
    }
  }

  private void check(List<Journal> journals) {
    journals.forEach(Journal::flush);
    Journal first = journals.getFirst();
    List<Json> list = first.list("list").orElseThrow();
    Set<Json> landed = new HashSet<>(list);
    assertThat(list).as("each once").hasSize(landed.size());
    assertThat(landed.containsAll(acknowledged)).as("nothing acknowledged is lost").isTrue();
    assertThat(list).hasSizeLessThanOrEqualTo(acknowledged.size() + unknown.get());
    assertThat(first.integer("n")).isEqualTo(list.size());
    assertThat(landed.equals(new HashSet<>(first.members("set").orElseThrow()))).isTrue();
    for (Journal journal : journals) {
      assertThat(journal.state().equals(first.state())).as("all replicas agree").isTrue();
    }
  }
}
