package dev.sheaf.journal;

import static dev.sheaf.journal.Vectors.array;
import static dev.sheaf.journal.Vectors.has;
import static dev.sheaf.journal.Vectors.member;
import static dev.sheaf.journal.Vectors.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.SheafException;
import dev.sheaf.journal.json.Json;
import dev.sheaf.journal.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every recorded bucket, as a cold replica sees it after one flush. */
class VectorsTest {
  record Case(Path directory, String namespace) {
    @Override
    public String toString() {
      return Vectors.ROOT.relativize(directory) + " '" + namespace + "'";
    }
  }

  static Stream<Case> cases() {
    try (Stream<Path> files = Files.walk(Vectors.ROOT)) {
      return files
          .filter(file -> file.endsWith("expected.json"))
          .sorted()
          .flatMap(file ->
              ((JsonObject) Vectors.read(file))
                  .names().stream().map(ns -> new Case(file.resolveSibling(""), ns)))
          .toList()
          .stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void coldFlush(Case vector) {
    JsonObject all = (JsonObject) Vectors.read(vector.directory.resolve("expected.json"));
    JsonObject expected = (JsonObject) member(all, vector.namespace);
    FakeBucket bucket = Dump.load(vector.directory);
    Site site = new Site(bucket, vector.namespace);
    if (has(expected, "coldFlushError")) {
      assertThatThrownBy(site::flush).isInstanceOf(SheafException.class);
      assertThat(site.state()).isEqualTo(JsonObject.EMPTY);
    } else {
      site.flush();
      assertState(site, expected);
      assertQueries(site, array(member(expected, "queries")));
    }
    assertThat(bucket.takeLog()).isEqualTo(texts(member(expected, "coldFlushRequests")));
    assertRollup(bucket, vector.namespace, expected);
  }

  private static void assertState(Site site, JsonObject expected) {
    assertThat(site.state().toString()).isEqualTo(text(expected, "stateBytes"));
    Mark mark = site.rollup().mark();
    JsonObject wanted = (JsonObject) member(expected, "mark");
    assertThat(mark.stampText()).isEqualTo(text(wanted, "lm"));
    assertThat(mark.segment()).isEqualTo(text(wanted, "key"));
    assertThat(liveAboveMark(site)).isEqualTo(Integers.of(expected.get("liveSegmentsAboveMark")));
  }

  private static long liveAboveMark(Site site) {
    Mark mark = site.rollup().mark();
    return Optional.ofNullable(site.listing).orElseThrow().segments().stream()
        .filter(segment -> !segment.coveredBy(mark))
        .count();
  }

  private static void assertRollup(FakeBucket bucket, String namespace, JsonObject expected) {
    for (String field : List.of("rollupBytes", "seededRollupBytes")) {
      if (has(expected, field)) {
        assertThat(bucket.body(Namespace.existing(namespace).rollupKey()))
            .isEqualTo(text(expected, field));
      }
    }
  }

  private static void assertQueries(Site site, List<Json> queries) {
    Journal journal = new SiteReads(site);
    for (Json row : queries) {
      JsonObject query = (JsonObject) row;
      Optional<Json> answer = ask(journal, query);
      if (has(query, "error")) {
        continue; // the original fails on names that are no JSON; we leave them out
      }
      String what = text(query, "read") + " " + query.get("Key") + " " + query.get("MapKey");
      if (Json.TRUE.equals(query.get("absent"))) {
        assertThat(answer).as(what).isEmpty();
      } else {
        assertThat(answer).as(what).contains(member(query, "result"));
      }
    }
  }

  private static Optional<Json> ask(Journal journal, JsonObject query) {
    String key = text(query, "Key");
    Json mapKey = Optional.ofNullable(query.get("MapKey")).orElse(Json.NULL);
    return switch (text(query, "read")) {
      case "ScalarGet" -> journal.scalar(key).map(VectorsTest::found);
      case "IntGet" -> Optional.of(Json.of(journal.integer(key)));
      case "SetContains" -> Optional.of(Json.of(journal.contains(key, mapKey)));
      case "SetMembers", "MapKeys" ->
          journal.members(key).map(members -> Json.array(members.toArray(Json[]::new)));
      case "MapGet" -> journal.mapValue(key, mapKey).map(VectorsTest::found);
      case "IntMapGet" -> Optional.of(Json.of(journal.mapInteger(key, mapKey)));
      case "MapEntries", "IntMapEntries" -> journal.entries(key).map(GoText::entries);
      case "ListEntries" -> journal.list(key).map(list -> Json.array(list.toArray(Json[]::new)));
      case "ListLen" -> Optional.of(Json.of(journal.listLength(key)));
      default -> throw new AssertionError("unknown read: " + query);
    };
  }

  private static Json found(Json value) {
    JsonObject.Builder found = Json.object().put("OK", Json.TRUE).put("Value", value);
    return JsonObjects.sorted(found.build());
  }

  private static List<String> texts(Json array) {
    return array(array).stream().map(text -> ((Json.Text) text).value()).toList();
  }

  static Stream<Path> stages() {
    return Stream.of("09-compaction-default-thresholds", "12-leftovers-below-mark")
        .map(Vectors.ROOT::resolve)
        .sorted(Comparator.naturalOrder());
  }

  /** Two background ticks of a fresh replica lead from one stage to the next, byte for byte. */
  @ParameterizedTest
  @MethodSource("stages")
  void beforeBecomesAfter(Path directory) {
    JsonObject all = (JsonObject) Vectors.read(directory.resolve("expected.json"));
    JsonObject scenario = (JsonObject) Vectors.read(directory.resolve("scenario.json"));
    for (String namespace : all.names()) {
      FakeBucket bucket = Dump.load(directory.resolve("before"));
      Site site = new Site(bucket, namespace, ScenarioTest.options(scenario));
      site.backgroundTick();
      site.backgroundTick();
      assertRollup(bucket, namespace, (JsonObject) member(all, namespace));
      assertThat(bucket.objects.keySet()).isEqualTo(Dump.load(directory).objects.keySet());
    }
  }
}
