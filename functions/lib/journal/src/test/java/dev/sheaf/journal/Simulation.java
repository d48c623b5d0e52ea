package dev.sheaf.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.SheafException;
import dev.sheaf.journal.Operation.IntAdd;
import dev.sheaf.journal.Operation.IntMapAdd;
import dev.sheaf.journal.Operation.IntMul;
import dev.sheaf.journal.Operation.ListAppend;
import dev.sheaf.journal.Operation.ScalarSet;
import dev.sheaf.journal.Operation.SetAdd;
import dev.sheaf.journal.json.Json;
import dev.sheaf.journal.json.JsonArray;
import dev.sheaf.journal.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * Several replicas on one faulty bucket, all that happens drawn from one seed.
 *
 * <p>Every caller's write carries a token of its own: it is appended to a list, counted in a map
 * and added to a set. So at the end it can be seen of each whether it is there, and how often. And
 * a tick must show everything that had been acknowledged to anybody when it began.
 */
final class Simulation {
  private static final int MOST_STEPS = 200_000;
  private static final int RESTARTS = 3;

  private final Random random;
  private final FakeBucket bucket = new FakeBucket();
  private final Baton baton;
  private final double faults;
  private final List<Node> alive = new ArrayList<>();
  private final Set<String> attempted = new HashSet<>();
  private final Set<String> acknowledged = new HashSet<>();
  private int writing;
  private int restarts;
  private int folds;
  private int lostElections;
  private int probes;

  /** What a run came to. */
  record Result(int attempted, int acknowledged, int folds, int lost, int probes, int crashes) {
    Result plus(Result other) {
      return new Result(
          attempted + other.attempted,
          acknowledged + other.acknowledged,
          folds + other.folds,
          lost + other.lost,
          probes + other.probes,
          crashes + other.crashes);
    }
  }

  Simulation(long seed) {
    random = new Random(seed);
    baton = new Baton(random);
    faults = random.nextInt(3); // none, some, many
    bucket.logging = false;
    bucket.pageSize = 2 + random.nextInt(12);
  }

  Result run() {
    int replicas = 2 + random.nextInt(3);
    for (int i = 0; i < replicas; i++) {
      start(4 + random.nextInt(10));
    }
    baton.run(MOST_STEPS);
    check();
    return new Result(
        attempted.size(), acknowledged.size(), folds, lostElections, probes, restarts);
  }

  private void start(int writes) {
    Node node = new Node(writes);
    alive.add(node);
    writing++;
    baton.add(node::write);
    baton.add(node::tick);
  }

  /** One process: a replica with its writer and its ticks. */
  private final class Node {
    private boolean dead;
    private final Random own = new Random(random.nextLong());
    private final SimulatedBucket way = new SimulatedBucket(bucket, baton, own, faults, () -> dead);
    private final Site site;
    private int writesLeft;
    private long nanos = own.nextLong();

    Node(int writes) {
      writesLeft = writes;
      Duration skew = Duration.ofSeconds(own.nextInt(200_000) - 100_000);
      Host host =
          new Host(
              () -> bucket.now().plus(skew),
              () -> nanos++,
              own,
              _ -> way.takeTime(),
              new SegmentIds(() -> bucket.now().plus(skew), own));
      JournalOptions options =
          JournalOptions.forFunction()
              .withHost(host)
              .withThresholds(2 + own.nextInt(4), Duration.ofSeconds(30));
      site = new Site(way, "sim", options, List::forEach);
    }

    void write() {
      try {
        while (writesLeft > 0) {
          writesLeft--;
          way.takeTime();
          writeOnce();
          maybeCrash();
        }
        writing--;
      } catch (SimulatedBucket.Crash e) {
        crashed();
      }
    }

    private void writeOnce() {
      List<EncodedOps> callers = new ArrayList<>();
      List<String> tokens = new ArrayList<>();
      for (int i = own.nextInt(3); i >= 0; i--) {
        String token = "t" + attempted.size();
        attempted.add(token);
        tokens.add(token);
        callers.add(EncodedOps.of(operations(token)));
      }
      Mark before = site.replica.mark();
      try {
        site.writer.write(callers);
      } catch (SheafException e) {
        return; // unknown
      }
      acknowledged.addAll(tokens);
      for (String token : tokens) {
        // A write that others folded while its answer was on the way is there twice until the next
        // tick: only then may it be.
        assertThat(site.count(token))
            .as("own write " + token)
            .isBetween(1L, site.replica.mark().equals(before) ? 1L : 2L);
      }
    }

    private List<Operation> operations(String token) {
      Json name = Json.of(token);
      List<Operation> ops = new ArrayList<>();
      ops.add(new ListAppend("list", name));
      ops.add(new IntMapAdd("count", name, 1));
      ops.add(new SetAdd("set", name));
      ops.add(new IntAdd("n", 1));
      // And what depends on the order.
      ops.add(own.nextBoolean() ? new IntMul("order", 3) : new IntAdd("order", own.nextInt(9)));
      ops.add(new ScalarSet("last", name));
      return ops;
    }

    void tick() {
      try {
        for (int extra = 4; extra > 0; extra -= writing == 0 ? 1 : 0) {
          way.takeTime();
          tickOnce();
          maybeCrash();
        }
      } catch (SimulatedBucket.Crash e) {
        dead = true; // its writer, if it still runs, sees to what follows
      }
    }

    private void tickOnce() {
      Set<String> before = Set.copyOf(acknowledged);
      try {
        if (own.nextInt(4) == 0) {
          site.flush();
        } else {
          count(site.backgroundTick());
        }
      } catch (SheafException e) {
        return;
      }
      for (String token : before) {
        assertThat(site.count(token)).as("acknowledged " + token).isEqualTo(1);
      }
    }

    private void count(Ladder.Outcome outcome) {
      folds += outcome.folded() > 0 ? 1 : 0;
      lostElections += outcome.lost() ? 1 : 0;
      probes += outcome.probed() ? 1 : 0;
    }

    private void maybeCrash() {
      if (faults > 0 && restarts < RESTARTS && own.nextInt(40) == 0) {
        dead = true; // both threads die wherever they are at their next request
      }
      if (dead) {
        throw new SimulatedBucket.Crash();
      }
    }

    /** Another process takes its place, and knows nothing. */
    private void crashed() {
      alive.remove(this);
      restarts++;
      int left = writesLeft;
      start(Math.max(left, 1));
      writing--;
    }
  }

  private void check() {
    Site cold = new Site(bucket, "sim");
    cold.flush();
    String state = cold.state().toString();
    for (Node node : alive) {
      if (!node.dead) {
        Site healed = node.site.on(bucket);
        healed.flush();
        assertThat(healed.state().toString()).isEqualTo(state);
      }
    }
    checkTokens(cold);
  }

  private void checkTokens(Site cold) {
    List<Json> list =
        cold.state().get("list") instanceof JsonArray array ? array.elements() : List.of();
    assertThat(list).doesNotHaveDuplicates();
    assertThat(cold.integer("n")).isEqualTo(list.size());
    for (String token : attempted) {
      long count = cold.count(token);
      assertThat(list.contains(Json.of(token))).isEqualTo(count == 1);
      assertThat(count).as(token).isBetween(acknowledged.contains(token) ? 1L : 0L, 1L);
    }
    JsonObject set =
        cold.state().get("set") instanceof JsonObject object ? object : JsonObject.EMPTY;
    assertThat(set.size()).isEqualTo(list.size());
  }

  String describe() {
    return SimulatedBucket.describe(bucket);
  }
}
