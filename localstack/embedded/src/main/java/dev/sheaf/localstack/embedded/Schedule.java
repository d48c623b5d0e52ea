package dev.sheaf.localstack.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sheaf.localstack.servers.LocalServers;
import java.time.Duration;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Fires at a fixed rate, with the event that EventBridge sends. */
final class Schedule implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Schedule.class);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final String name;
  private final Duration pause;
  private final Target target;
  private final InstantSource clock;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread thread;

  /** What is invoked; it logs its failures itself. */
  @FunctionalInterface
  interface Target {
    /** Takes an event, and is done with it. */
    void accept(String event) throws InterruptedException;
  }

  private Schedule(String name, Duration pause, Target target, InstantSource clock) {
    this.name = name;
    this.pause = pause;
    this.target = target;
    this.clock = clock;
    this.thread = Thread.ofVirtual().name("schedule " + name).unstarted(this::run);
  }

  /** The first event comes when one pause has passed. A failed run is not repeated. */
  static Schedule start(String name, Duration pause, Target target, InstantSource clock) {
    Schedule schedule = new Schedule(name, pause, target, clock);
    schedule.thread.start();
    return schedule;
  }

  private void run() {
    try {
      while (!closed.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
        fire();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void fire() throws InterruptedException {
    try {
      target.accept(event());
    } catch (RuntimeException e) {
      log.error("schedule {} failed, and goes on", name, e);
    }
  }

  private String event() {
    String time = clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
    ObjectNode event = JSON.createObjectNode();
    event.put("version", "0");
    event.put("id", UUID.nameUUIDFromBytes((name + time).getBytes(UTF_8)).toString());
    event.put("detail-type", "Scheduled Event");
    event.put("source", "aws.events");
    event.put("account", "000000000000");
    event.put("time", time);
    event.put("region", LocalServers.REGION);
    event
        .putArray("resources")
        .add("arn:aws:events:" + LocalServers.REGION + ":000000000000:rule/sheaf-" + name);
    event.putObject("detail");
    return event.toString();
  }

  /** Interrupts a run that is under way and waits for it. */
  @Override
  public void close() {
    closed.countDown();
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
