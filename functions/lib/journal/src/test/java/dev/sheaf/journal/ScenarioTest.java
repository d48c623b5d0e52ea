package dev.sheaf.journal;

import static dev.sheaf.journal.Vectors.array;
import static dev.sheaf.journal.Vectors.bytes;
import static dev.sheaf.journal.Vectors.has;
import static dev.sheaf.journal.Vectors.member;
import static dev.sheaf.journal.Vectors.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.journal.json.Json;
import dev.sheaf.journal.json.JsonObject;
import dev.sheaf.journal.json.JsonReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Replays the steps that produced each recorded bucket, with several replicas on one bucket: the
 * requests of every tick are those of the original, in order, and so is what is left at the end.
 */
class ScenarioTest {
  /** Its writes are not among its steps; VectorsTest takes it from its {@code before} stage. */
  private static final String WITHOUT_WRITES = "09-compaction-default-thresholds";

  private final FakeBucket bucket = new FakeBucket();
  private final Map<String, Site> sites = new HashMap<>();

  static JournalOptions options(JsonObject scenario) {
    return Site.OPTIONS
        .withPutTimeout(Duration.ofMillis(500)) // one scenario was recorded with an age of 1 s
        .withThresholds(
            (int) Integers.of(scenario.get("segmentThreshold")),
            Duration.ofSeconds(Integers.of(scenario.get("ageThresholdSeconds"))));
  }

  static Stream<Path> scenarios() {
    try (Stream<Path> directories = Files.list(Vectors.ROOT)) {
      return directories
          .filter(directory -> Files.exists(directory.resolve("scenario.json")))
          .filter(directory -> !directory.endsWith(WITHOUT_WRITES))
          .sorted()
          .toList()
          .stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @MethodSource("scenarios")
  void steps(Path directory) {
    JsonObject scenario = (JsonObject) Vectors.read(directory.resolve("scenario.json"));
    JsonObject expected = (JsonObject) Vectors.read(directory.resolve("expected.json"));
    for (Json step : array(member(scenario, "steps"))) {
      take((JsonObject) step, scenario, directory);
    }
    for (String namespace : expected.names()) {
      JsonObject wanted = (JsonObject) member(expected, namespace);
      if (!has(wanted, "coldFlushError")) {
        Site cold = new Site(bucket, namespace);
        cold.flush();
        assertThat(cold.state().toString()).as(namespace).isEqualTo(text(wanted, "stateBytes"));
      }
    }
  }

  @Test
  void designWalkthrough() {
    steps(Vectors.ROOT.resolve("18-design-walkthrough"));
    assertThat(bucket.objects.keySet())
        .filteredOn(key -> key.endsWith("rollup.json"))
        .containsExactly(".metadata/git/rollup.json");
  }

  private void take(JsonObject step, JsonObject scenario, Path directory) {
    if (has(step, "at")) {
      bucket.at(text(step, "at"));
    }
    switch (text(step, "do")) {
      case "apply" -> site(step, scenario).apply(ops(step));
      case "putRaw" -> putRaw(step);
      case "rule" -> Dump.placeTwoPages(bucket);
      case "assertState" -> Dump.load(directory).objects.forEach(bucket.objects::put);
      case "flush" -> run(step, site(step, scenario)::flush);
      case "backgroundTick" -> run(step, site(step, scenario)::backgroundTick);
      case "ladderOnStaleListing" -> {
        Site site = site(step, scenario);
        run(step, () -> site.ladder.climb(Optional.ofNullable(site.listing).orElseThrow()));
      }
      default -> throw new AssertionError("unknown step: " + step);
    }
    bucket.takeLog();
  }

  private void run(JsonObject step, Runnable action) {
    bucket.takeLog();
    action.run();
    List<String> wanted =
        array(member(step, "requests")).stream()
            .map(request -> ((Json.Text) request).value())
            .filter(request -> !request.startsWith("HEAD headbucket"))
            .toList();
    assertThat(bucket.takeLog()).as(text(step, "do") + " at " + step.get("at")).isEqualTo(wanted);
  }

  private Site site(JsonObject step, JsonObject scenario) {
    String namespace = text(step, "ns");
    return sites.computeIfAbsent(
        text(step, "writer") + "/" + namespace,
        _ -> new Site(bucket, namespace, options(scenario)));
  }

  /** The steps show operations in the order of their fields, which reading has sorted. */
  private static List<Operation> ops(JsonObject step) {
    return array(member(step, "ops")).stream()
        .map(op -> op.toString().getBytes(StandardCharsets.UTF_8))
        .map(op -> OperationCodec.decode(new JsonReader(op)))
        .toList();
  }

  private void putRaw(JsonObject step) {
    String stamp = has(step, "lastModified") ? "lastModified" : "at";
    bucket.place(text(step, "key"), bytes(step, "body"), Instant.parse(text(step, stamp)));
  }
}
