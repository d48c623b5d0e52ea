package dev.sheaf.repository;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sheaf.localstack.servers.LocalServers;
import dev.sheaf.ops.Action;
import dev.sheaf.ops.Applier;
import dev.sheaf.ops.Fence;
import dev.sheaf.ops.OpLog;
import dev.sheaf.ops.OwnOps;
import dev.sheaf.ops.RegisteredTable;
import dev.sheaf.ops.SnapshotPage;
import dev.sheaf.ops.SnapshotServer;
import dev.sheaf.ops.SweepClient;
import dev.sheaf.ops.SweepPage;
import dev.sheaf.ops.SweepPeer;
import dev.sheaf.ops.SweepServer;
import dev.sheaf.ops.Ulid;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Migrations;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.storage.wiring.Site;
import dev.sheaf.testing.ManualClock;
import dev.sheaf.testing.RandomisedTest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/**
 * Three sites whose clocks differ, cut off from one another now and then, whose repositories get
 * new homes while the old ones still take writes. In the end all have the same rows, and every head
 * that was ever acknowledged is in the history of a ref.
 */
class HomesSimulationTest {
  private static final int STEPS = Integer.getInteger("sheaf.homes.steps", 120);
  private static final int SITES = 3;
  private static final List<String> BRANCHES = List.of("main", "next");

  private static final List<RegisteredTable> TABLES =
      List.of(
          table("repos", List.of("repo_id"), "owner", "name", "home"),
          table("branches", List.of("repo_id", "name"), "head_commit_id"));

  private static RegisteredTable table(String name, List<String> key, String... others) {
    List<RegisteredTable.Column> columns = new ArrayList<>();
    key.forEach(column -> columns.add(new RegisteredTable.Column(column, "text")));
    for (String column : others) {
      columns.add(new RegisteredTable.Column(column, "text"));
    }
    columns.add(new RegisteredTable.Column("epoch", "bigint"));
    if (name.equals("repos")) {
      columns.add(new RegisteredTable.Column("seen", "jsonb"));
    }
    return new RegisteredTable(name, columns, key);
  }

  private static final class Participant implements SweepPeer {
    private final String host;
    private final Catalog catalog;
    private final ManualClock clock;
    private final OwnOps own;
    private final Applier applier;
    private final SweepClient client;
    private String asking = "";

    Participant(int number, Random random) throws IOException {
      host = "https://site%d.example".formatted(number);
      catalog = newCatalog();
      clock = new ManualClock(Instant.parse("2026-06-01T12:00:00Z").plusSeconds(number * 40L));
      own = new OwnOps(host, TABLES, clock, random);
      Fence fence = new HomeFence(host, TABLES);
      applier = new Applier(catalog, host, TABLES, fence, clock, random);
      client = new SweepClient(catalog, applier, TABLES, clock);
    }

    /** A push as the intake makes it: under the lock, by the home alone. */
    boolean push(String repo, String branch, String commit, Map<String, String> parents) {
      return catalog.transaction(transaction -> {
        Rows.Row row =
            transaction
                .execute(
                    Statement.of("select home, epoch from repos where repo_id = :r for update")
                        .text("r", repo))
                .first()
                .orElse(null);
        if (row == null || !host.equals(row.text("home"))) {
          return false;
        }
        String head = heads(transaction, repo).get(branch);
        ObjectNode record =
            OwnRow.JSON
                .createObjectNode()
                .put("repo_id", repo)
                .put("name", branch)
                .put("epoch", row.number("epoch"));
        boolean deletes = commit.isEmpty();
        if (!deletes) {
          record.put("head_commit_id", commit);
          if (head != null) {
            parents.put(commit, head);
          }
        }
        Action action = deletes ? Action.DELETE : Action.UPDATE;
        own.write(transaction, List.of(new OpLog.Change(action, "branches", List.of(record))));
        return true;
      });
    }

    void make(String repo) {
      ObjectNode record =
          OwnRow.JSON
              .createObjectNode()
              .put("repo_id", repo)
              .put("owner", "me")
              .put("name", repo)
              .put("home", host)
              .put("epoch", 0);
      catalog.transaction(transaction -> {
        own.write(transaction, List.of(new OpLog.Change(Action.CREATE, "repos", List.of(record))));
        return null;
      });
    }

    Map<String, String> heads(Catalog of, String repo) {
      Map<String, String> heads = new TreeMap<>();
      of.execute(
              Statement.of("select name, head_commit_id from branches where repo_id = :r")
                  .text("r", repo))
          .forEach(row -> heads.put(row.text("name"), row.text("head_commit_id")));
      return heads;
    }

    void sweep(Participant peer) throws IOException {
      peer.asking = host;
      client.tick(peer, () -> true);
      applier.retryFailed();
    }

    /** All rows that travel, with what wrote them. */
    List<String> rows() {
      List<String> rows = new ArrayList<>();
      for (String sql :
          List.of(
              "select repo_id || ' ' || home || ' ' || epoch || ' ' || op_ulid as line from repos",
              "select repo_id || ' ' || name || ' ' || head_commit_id || ' ' || epoch || ' '"
                  + " || op_ulid as line from branches")) {
        catalog
            .execute(Statement.of(sql + " order by 1"))
            .forEach(row -> rows.add(row.text("line")));
      }
      return rows;
    }

    @Override
    public String host() {
      return host;
    }

    @Override
    public Answer sweep(String after) {
      SweepPage page = new SweepServer(catalog, host).forPeer(after, asking);
      Map<String, String> headers = new HashMap<>();
      page.lastScanned().ifPresent(last -> headers.put(SweepPage.LAST_SCANNED, last.text()));
      headers.put(SweepPage.LIMITED, String.valueOf(page.isLimited()));
      return answer(page.body().text(), headers);
    }

    @Override
    public Answer snapshot(String table, String after) {
      SnapshotPage page = new SnapshotServer(catalog, host, TABLES).page(table, after);
      Map<String, String> headers = new HashMap<>();
      page.position().map(Ulid::text).ifPresent(p -> headers.put(SnapshotPage.POSITION, p));
      page.next().ifPresent(next -> headers.put(SnapshotPage.NEXT, next));
      return answer(page.body().text(), headers);
    }

    private static Answer answer(String body, Map<String, String> headers) {
      return new Answer(
          200,
          name -> Optional.ofNullable(headers.get(name)),
          new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8)));
    }
  }

  private static Catalog newCatalog() throws IOException {
    Catalog catalog = Site.from(LocalServers.shared().newSite()).catalog();
    Migrations.beside(OpLog.class, "V001__ops.sql").apply(catalog);
    for (String sql :
        List.of(
            "create table repos (repo_id text collate \"C\" primary key, owner text, name text,"
                + " home text, epoch bigint not null, seen jsonb, op_ulid text collate \"C\","
                + " rebuilt_as_of text collate \"C\", rebuilt_at text collate \"C\")",
            "create table lost_homes (repo_id text collate \"C\" primary key)",
            "create table branches (repo_id text collate \"C\", name text collate \"C\","
                + " head_commit_id text, epoch bigint not null, op_ulid text collate \"C\","
                + " primary key (repo_id, name))")) {
      catalog.execute(Statement.of(sql));
    }
    return catalog;
  }

  @RandomisedTest(seeds = 2)
  void noAcknowledgedPushIsLostOrOverwritten(long seed) throws IOException {
    Random random = new Random(seed);
    List<Participant> sites = new ArrayList<>();
    for (int i = 0; i < SITES; i++) {
      sites.add(new Participant(i, new Random(seed * 31 + i)));
    }
    List<String> repos = List.of("r0", "r1");
    sites.get(0).make("r0");
    sites.get(1).make("r1");
    boolean[][] cut = new boolean[SITES][SITES];
    Map<String, String> parents = new HashMap<>();
    Set<String> acknowledged = new HashSet<>();
    int moves = 0;
    for (int step = 0; step < STEPS; step++) {
      Participant site = sites.get(random.nextInt(SITES));
      String repo = repos.get(random.nextInt(repos.size()));
      sites.forEach(each -> each.clock.advance(Duration.ofMillis(1 + random.nextInt(3_000))));
      switch (random.nextInt(10)) {
        case 0 -> {
          int a = random.nextInt(SITES);
          int b = random.nextInt(SITES);
          cut[a][b] = !cut[a][b];
          cut[b][a] = cut[a][b];
        }
        case 1 -> {
          boolean isKnown = site.rows().stream().anyMatch(row -> row.startsWith(repo));
          if (isKnown) {
            new Homes(site.catalog, TABLES, site.own).move(repo, site.host);
            moves++;
          }
        }
        case 2, 3 -> {
          int a = random.nextInt(SITES);
          int b = random.nextInt(SITES);
          if (a != b && !cut[a][b]) {
            sites.get(a).sweep(sites.get(b));
          }
        }
        case 4 -> site.push(repo, "short-lived", random.nextBoolean() ? "" : "s" + step, parents);
        default -> {
          String commit = "c" + step;
          String branch = BRANCHES.get(random.nextInt(2));
          if (site.push(repo, branch, commit, parents)) {
            acknowledged.add(repo + " " + commit);
          }
        }
      }
    }
    settle(sites);
    for (Participant site : sites) {
      assertThat(site.rows()).as(site.host).isEqualTo(sites.getFirst().rows());
    }
    Set<String> reached = new HashSet<>();
    for (String repo : repos) {
      for (String head : sites.getFirst().heads(sites.getFirst().catalog, repo).values()) {
        for (String c = head; c != null; c = parents.get(c)) {
          reached.add(repo + " " + c);
        }
      }
    }
    assertThat(reached).as("after %d moves", moves).containsAll(acknowledged);
    for (Participant site : sites) {
      Rows failed =
          site.catalog.execute(Statement.of("select error, data::text as data from failed_ops"));
      failed.forEach(
          row -> assertThat(row.text("error") + row.text("data")).as(site.host).isNull());
    }
  }

  /** Everybody hears everybody until nobody has anything new to say. */
  private static void settle(List<Participant> sites) throws IOException {
    for (int round = 0; round < 6; round++) {
      for (Participant a : sites) {
        for (Participant b : sites) {
          a.clock.advance(Duration.ofSeconds(1));
          if (a != b) {
            a.sweep(b);
          }
        }
      }
    }
  }
}
