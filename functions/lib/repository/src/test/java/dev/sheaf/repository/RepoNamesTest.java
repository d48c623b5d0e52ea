package dev.sheaf.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.localstack.servers.LocalServers;
import dev.sheaf.ops.Action;
import dev.sheaf.ops.Applier;
import dev.sheaf.ops.Op;
import dev.sheaf.ops.OpJson;
import dev.sheaf.ops.OpLog;
import dev.sheaf.ops.OwnOps;
import dev.sheaf.repository.inventory.RebuildRows;
import dev.sheaf.repository.inventory.RecordRows;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.storage.wiring.Site;
import dev.sheaf.testing.ManualClock;
import dev.sheaf.testing.RandomisedTest;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One name made at several sites is shown alike at all of them, in whatever order they hear it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RepoNamesTest {
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
  private static final List<String> URLS =
      List.of("https://a.example", "http://127.0.0.1:8080", "https://c.example/prod");
  private static final List<String> LABELS =
      List.of("a.example", "127.0.0.1-8080", "c.example-prod");

  private final ManualClock clock = new ManualClock(NOW);
  private final List<Peer> peers = new ArrayList<>();

  /** A site as far as names go. */
  private record Peer(String url, Catalog catalog, ManualClock clock) {
    Repo make(String name, String id, Instant at) {
      return new Repos(catalog, log(id)).findOrCreate("me", name, id, at);
    }

    SiteLog log(String seed) {
      return new SiteLog(url, url, () -> new Random(seed.hashCode()));
    }

    int hear(List<Op> ops) {
      Applier applier =
          new Applier(
              catalog,
              url,
              Travelling.TABLES,
              new HomeFence(url, Travelling.TABLES),
              clock,
              new Random(7));
      return applier.apply("https://whoever.example", ops, _ -> {}).failed();
    }

    List<Op> told() {
      List<Op> ops = new ArrayList<>();
      for (Rows.Row row :
          catalog.execute(
              Statement.of(
                      """
                      select ulid, host, action, "table", data::text as data from ops
                      where host = :self order by position
                      """)
                  .text("self", url))) {
        ops.add(
            new Op(
                new dev.sheaf.ops.Ulid(row.text("ulid")),
                row.text("host"),
                row.text("action"),
                row.text("table"),
                OpJson.records(row.text("data")),
                false));
      }
      return ops;
    }

    Map<String, String> column(String column) {
      Map<String, String> values = new TreeMap<>();
      catalog
          .execute(Statement.of("select repo_id, %s as value from repos".formatted(column)))
          .forEach(row -> values.put(row.text("repo_id"), row.text("value")));
      return values;
    }

    Map<String, String> shown() {
      return column("shown");
    }

    void rename(String id, String name) {
      OwnOps own = new OwnOps(url, Travelling.TABLES, clock, new Random(5));
      catalog.transaction(transaction -> {
        ObjectNode record = OwnRow.repo(transaction, Travelling.REPOS, id).orElseThrow();
        record.put("name", name);
        own.write(transaction, List.of(new OpLog.Change(Action.UPDATE, "repos", List.of(record))));
        return record;
      });
    }
  }

  @BeforeAll
  void start() throws IOException {
    for (String url : URLS) {
      Catalog catalog = Site.from(LocalServers.shared().newSite()).catalog();
      CatalogSchema.migrations().apply(catalog);
      peers.add(new Peer(url, catalog, clock));
    }
  }

  @BeforeEach
  void empty() {
    for (Peer peer : peers) {
      peer.catalog.execute(Statement.of("truncate ops, tombstones, failed_ops, repos"));
      peer.catalog.execute(Statement.of("update ops_tail set last_millis = 0"));
    }
  }

  @Test
  void theOlderOneKeepsTheNameAndTheOtherOneSaysWhereItIsFrom() {
    Peer here = peers.get(0);
    Peer there = peers.get(1);
    here.make("r", "ours", NOW);
    there.make("r", "theirs", NOW.minusSeconds(1));
    assertThat(here.shown()).isEqualTo(Map.of("ours", "r"));

    assertThat(here.hear(there.told())).isZero();
    assertThat(there.hear(here.told())).isZero();
    Map<String, String> all = Map.of("ours", "r~a.example", "theirs", "r");
    assertThat(here.shown()).isEqualTo(all);
    assertThat(there.shown()).isEqualTo(all);
    // What is in the buckets stays where it is, and nothing comes to lie among it.
    assertThat(here.column("name")).containsEntry("ours", "r").containsValue(aPlace("r", "theirs"));
    assertThat(there.column("name"))
        .containsEntry("theirs", "r")
        .containsValue(aPlace("r", "ours"));
    assertThat(new Repos(here.catalog).findShown("me", "r~a.example").orElseThrow())
        .isEqualTo(new Repo("ours", "me", "r", "r~a.example", false, null, null));
    assertThat(new Repos(here.catalog).find("me", "r").orElseThrow().repoId()).isEqualTo("ours");
    assertThat(there.make("r", "never", NOW).repoId()).isEqualTo("theirs");
    assertThat(here.make("r", "never", NOW).repoId()).isEqualTo("theirs");
    assertThat(here.told()).hasSize(1);
  }

  private static String aPlace(String name, String id) {
    try {
      byte[] hash =
          java.security.MessageDigest.getInstance("MD5")
              .digest(id.getBytes(java.nio.charset.StandardCharsets.UTF_8));
      return name + "~" + java.util.HexFormat.of().formatHex(hash).substring(0, 12);
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aNameThatIsGivenUpGoesToTheNext() {
    Peer here = peers.get(0);
    Peer there = peers.get(1);
    here.make("r", "ours", NOW);
    there.make("r", "theirs", NOW.minusSeconds(1));
    here.hear(there.told());
    clock.advance(Duration.ofSeconds(1));
    there.rename("theirs", "s");
    assertThat(there.shown()).isEqualTo(Map.of("theirs", "s"));
    here.hear(there.told());
    assertThat(here.shown()).isEqualTo(Map.of("ours", "r", "theirs", "s"));
    assertThat(here.column("name")).containsEntry("theirs", aPlace("r", "theirs"));
    // Who pushes there means the one that was renamed.
    assertThatExceptionOfType(RepoMovedException.class)
        .isThrownBy(() -> there.make("r", "new", NOW.plusSeconds(9)))
        .satisfies(moved -> assertThat(moved.repo().path()).isEqualTo("me/s"));
    // Its keys are still there: another one that gets the name keeps its own.
    there.make("t", "other", NOW.plusSeconds(9));
    new Renames(there.catalog, there.log("rename")).rename("other", "r", NOW.plusSeconds(10));
    assertThat(there.column("name")).isEqualTo(Map.of("theirs", "r", "other", "t"));
    assertThat(there.shown()).isEqualTo(Map.of("theirs", "s", "other", "r"));
  }

  /** What is renamed is not older by it: a name stays with whom it was given to first. */
  @Test
  void nobodyTakesTheNameOfAPeersRepositoryByRenamingAnOlderOne() {
    Peer here = peers.get(0);
    Peer there = peers.get(1);
    here.make("old", "ours", NOW.minusSeconds(100));
    there.make("r", "theirs", NOW);
    clock.advance(Duration.ofSeconds(5));
    new Renames(here.catalog, here.log("rename")).rename("ours", "r", clock.instant());
    here.hear(there.told());
    there.hear(here.told());
    Map<String, String> all = Map.of("ours", "r~a.example", "theirs", "r");
    assertThat(here.shown()).isEqualTo(all);
    assertThat(there.shown()).isEqualTo(all);
    assertThatExceptionOfType(SheafException.class)
        .isThrownBy(
            () -> new Renames(here.catalog, here.log("again")).rename("ours", "r", clock.instant()))
        .withMessageContaining("me/r is taken");
    new Renames(here.catalog, here.log("away")).rename("ours", "q", clock.instant());
    there.hear(here.told());
    assertThat(there.shown()).isEqualTo(Map.of("ours", "q", "theirs", "r"));
  }

  @Test
  void theNextOneHasTheNameOfOneThatIsGone() {
    Peer here = peers.get(0);
    Peer there = peers.get(1);
    here.make("r", "ours", NOW);
    there.make("r", "theirs", NOW.minusSeconds(1));
    here.hear(there.told());
    here.catalog.execute(Statement.of("delete from repos where repo_id = 'theirs'"));
    RepoNames.settle(here.catalog);
    assertThat(here.shown()).isEqualTo(Map.of("ours", "r"));
  }

  /** What the bucket has of repositories is enough, in any order. */
  @Test
  void aRebuildBringsBothBackAsTheyWere() {
    Peer here = peers.get(0);
    Peer there = peers.get(1);
    here.make("r", "ours", NOW);
    there.make("r", "theirs", NOW.minusSeconds(1));
    here.hear(there.told());
    Map<String, String> shown = here.shown();
    Map<String, String> places = here.column("name");
    RecordRows records = new RecordRows(here.catalog);
    List<ObjectNode> written =
        List.of(records.record("theirs").orElseThrow(), records.record("ours").orElseThrow());
    for (List<ObjectNode> order : List.of(written, written.reversed())) {
      here.catalog.execute(Statement.of("truncate repos"));
      order.forEach(record ->
          new RebuildRows(here.catalog, Optional.empty(), clock).repository(record, false));
      assertThat(here.shown()).isEqualTo(shown);
      assertThat(here.column("name")).isEqualTo(places);
    }
  }

  /** Names, times that are equal and not, renamed ones, pages of any size in any order. */
  @RandomisedTest(seeds = 6)
  void allShowTheSameWhateverTheyHeardFirst(long seed) {
    empty();
    Random draw = new Random(seed);
    for (int i = 0; i < 14; i++) {
      Peer maker = peers.get(draw.nextInt(peers.size()));
      Instant at = NOW.minusSeconds(draw.nextInt(4));
      String id = "id" + draw.nextInt(1_000_000);
      String name = List.of("r", "s", "t").get(draw.nextInt(3));
      if (isMade(maker, name, id, at) && draw.nextInt(4) == 0) {
        maker.rename(id, List.of("r", "s", "u").get(draw.nextInt(3)));
      }
    }
    List<Op> all = new ArrayList<>();
    peers.forEach(peer -> all.addAll(peer.told()));
    for (Peer peer : peers) {
      Map<String, String> places = new TreeMap<>(peer.column("name"));
      Collections.shuffle(all, draw);
      for (int from = 0; from < all.size(); ) {
        int to = Math.min(all.size(), from + 1 + draw.nextInt(5));
        assertThat(peer.hear(all.subList(from, to))).isZero();
        peer.column("name").forEach(places::putIfAbsent);
        from = to;
      }
      assertThat(peer.column("name")).as(peer.url).isEqualTo(places);
      assertThat(places.values()).doesNotHaveDuplicates().allMatch(ObjectKeys::isPlace);
      assertThat(peer.shown()).as(peer.url).isEqualTo(expected(peer));
    }
  }

  private static boolean isMade(Peer maker, String name, String id, Instant at) {
    try {
      return maker.make(name, id, at).repoId().equals(id);
    } catch (RepoMovedException e) {
      return false;
    }
  }

  /** By hand: the first of a name has it, the others are told apart by their sites. */
  private static Map<String, String> expected(Peer peer) {
    record Told(String id, String name, String made, String at) {}
    List<Told> rows = new ArrayList<>();
    peer.catalog
        .execute(
            Statement.of(
                "select repo_id, told_name, made_at, created_at::text as at from repos"
                    + " order by created_at, repo_id"))
        .forEach(row ->
            rows.add(
                new Told(
                    row.text("repo_id"),
                    row.text("told_name"),
                    row.text("made_at"),
                    row.text("at"))));
    Map<String, String> expected = new TreeMap<>();
    List<String> taken = new ArrayList<>();
    for (Told row : rows) {
      String label = LABELS.get(URLS.indexOf(row.made));
      boolean isFirst = !taken.contains(row.name);
      boolean isFirstThere = !taken.contains(row.name + "~" + label);
      taken.add(row.name);
      taken.add(row.name + "~" + label);
      String suffix = aPlace("", row.id).substring(1);
      expected.put(
          row.id, isFirst ? row.name : row.name + "~" + label + (isFirstThere ? "" : "-" + suffix));
    }
    return expected;
  }

  @ParameterizedTest
  @CsvSource({
    "name, r~a.example",
    "name, ../x",
    "name, ''",
    "name, r/s",
    "name, .",
    "owner, ''",
    "owner, a/b",
    "owner, me~x",
    "kind, svn",
    "repo_id, ''"
  })
  void whatNobodyCouldNameSoIsRefused(String field, String value) {
    Peer here = peers.get(0);
    Peer there = peers.get(1);
    there.make("r", "theirs", NOW);
    there.make("s", "sound", NOW);
    List<Op> ops = there.told();
    ((ObjectNode) ops.getFirst().data().get(0)).put(field, value);
    assertThat(here.hear(ops)).isEqualTo(1);
    assertThat(here.shown()).isEqualTo(Map.of("sound", "s"));
    assertThat(
            here.catalog
                .execute(Statement.of("select error from failed_ops"))
                .first()
                .orElseThrow()
                .text("error"))
        .contains("'" + field + "'");
  }
}
