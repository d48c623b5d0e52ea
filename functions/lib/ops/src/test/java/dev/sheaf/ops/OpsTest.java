package dev.sheaf.ops;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sheaf.localstack.servers.LocalServers;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Migrations;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.storage.wiring.Site;
import dev.sheaf.testing.ManualClock;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;

/** A test whose site begins with an empty catalog, reached through the Data API. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class OpsTest {
  static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");
  static final String SELF = "https://self.example";
  static final String PEER = "https://peer.example";

  static final RegisteredTable THINGS =
      new RegisteredTable(
          "things",
          List.of(
              new RegisteredTable.Column("id", "text"),
              new RegisteredTable.Column("size", "numeric"),
              new RegisteredTable.Column("name", "text")),
          List.of("id"));

  ManualClock clock = new ManualClock(NOW);
  final Random random = new Random(7);

  @SuppressWarnings("NullAway.Init")
  Catalog catalog;

  @BeforeAll
  void createCatalog() throws IOException {
    catalog = newCatalog();
  }

  @BeforeEach
  void emptyCatalog() {
    clock = new ManualClock(NOW);
    catalog.execute(
        Statement.of(
            "truncate ops, cursors, peer_positions, failed_ops, tombstones, ops_counters, things,"
                + " peer_snapshots, peer_faults, ops_leases, ops_deleted"));
    catalog.execute(Statement.of("update ops_tail set last_millis = 0"));
  }

  static Catalog newCatalog() throws IOException {
    Catalog catalog = Site.from(LocalServers.shared().newSite()).catalog();
    Migrations.beside(OpLog.class, "V001__ops.sql", "V002__follow_requests.sql").apply(catalog);
    catalog.execute(
        Statement.of(
            "create table things (id text collate \"C\" primary key, size numeric, name text, op_ulid text)"));
    return catalog;
  }

  OpLog opLog() {
    return new OpLog(SELF, clock, random);
  }

  Applier applier(Catalog of) {
    return new Applier(of, SELF, List.of(THINGS), clock, random);
  }

  /** Puts ops straight into the log, as if they had been written at these times. */
  void insertOld(String table, int count, Duration age) {
    List<Op> ops = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Ulid ulid = at(NOW.minus(age).plusMillis(i));
      ops.add(new Op(ulid, SELF, "create", table, data("o" + ulid), false));
    }
    opLog().append(catalog, ops);
  }

  /** A ulid of a time, its random part drawn. */
  Ulid at(Instant time) {
    StringBuilder text = new StringBuilder(Ulid.least(time).text().substring(0, 10));
    while (text.length() < Ulid.LENGTH) {
      text.append(Ulid.ALPHABET.charAt(random.nextInt(32)));
    }
    return new Ulid(text.toString());
  }

  Op op(Ulid ulid, String action, ArrayNode data) {
    return new Op(ulid, PEER, action, "things", data, false);
  }

  static ArrayNode data(String id) {
    ArrayNode data = OpJson.MAPPER.createArrayNode();
    data.add(record(id));
    return data;
  }

  static ArrayNode data(String id, String name) {
    ArrayNode data = OpJson.MAPPER.createArrayNode();
    data.add(record(id).put("name", name));
    return data;
  }

  static ObjectNode record(String id) {
    return OpJson.MAPPER.createObjectNode().put("id", id).put("size", 1);
  }

  long count(String table) {
    return count(catalog, "select count(*) as n from " + table);
  }

  static long count(Catalog of, String sql) {
    return of.execute(Statement.of(sql)).first().orElseThrow().number("n");
  }

  /** The records of a site, as text. */
  static List<String> things(Catalog of) {
    List<String> things = new ArrayList<>();
    for (Rows.Row row :
        of.execute(Statement.of("select id, name, op_ulid from things order by id"))) {
      things.add(row.text("id") + "=" + row.textOrNull("name") + "@" + row.textOrNull("op_ulid"));
    }
    return things;
  }

  void setPosition(String host, String after, Instant seen) {
    new SweepServer(catalog, SELF).seen(host, after, seen);
  }
}
