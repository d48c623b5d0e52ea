package dev.sheaf.api;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sheaf.ops.Action;
import dev.sheaf.ops.Op;
import dev.sheaf.ops.OpJson;
import dev.sheaf.ops.OpLog;
import dev.sheaf.ops.RegisteredTable;
import dev.sheaf.ops.SnapshotPage;
import dev.sheaf.ops.SweepPage;
import dev.sheaf.ops.Ulid;
import dev.sheaf.repository.token.Scope;
import dev.sheaf.storage.counting.RequestCounts;
import dev.sheaf.storage.wiring.Machine;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What other sites ask for. */
class SitesTest {
  private static final String SELF = "https://self.example";
  private static final String PEER = "https://peer.example";
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final RegisteredTable THINGS =
      new RegisteredTable(
          "things",
          List.of(
              new RegisteredTable.Column("id", "text"), new RegisteredTable.Column("name", "text")),
          List.of("id"));

  private static ApiSite site;
  private static String peer;
  private final Random random = new Random(11);

  @BeforeAll
  static void start() {
    site = ApiSite.start();
    peer = site.peerToken("https://Peer.example/");
    site.execute(
        "create table things (id text collate \"C\" primary key, name text, op_ulid text)");
  }

  @BeforeEach
  void empty() {
    site.execute("truncate ops, tombstones, things, peer_positions, failed_ops");
    site.follow(Map.of("SHEAF_PEERS", PEER), List.of(THINGS));
  }

  @Test
  void aPeerReadsTheLogAndItsPositionIsRemembered() throws IOException {
    List<Op> ops = append("a", "b");
    Answer first = sweep("", peer).expect(200);
    assertThat(ulids(first)).containsExactlyElementsOf(ops.stream().map(Op::ulid).toList());
    assertThat(first.header(SweepPage.LAST_SCANNED)).isEqualTo(ops.getLast().ulid().text());
    assertThat(first.header("Cache-Control")).isEqualTo("no-store");
    assertThat(first.header("Content-Type")).isEqualTo("application/json");
    assertThat(first.headers()).doesNotContainKeys(SweepPage.LIMITED, SweepPage.GAP);
    String last = ops.getLast().ulid().text();
    assertThat(new String(sweep(last, peer).bytes(), StandardCharsets.UTF_8)).isEqualTo("[]\n");
    assertThat(position()).isEqualTo(last);
  }

  /** Word for word what an original's page has, but for the fixed ulids. */
  @Test
  void aPageIsCompactAndSafeInHtml() {
    Op op = append("a<b>&\u2028\u00e9\ud83d\ude00").getFirst();
    assertThat(new String(sweep("", peer).bytes(), StandardCharsets.UTF_8))
        .isEqualTo(
            "[{\"ulid\":\"%s\",\"host\":\"%s\",\"action\":\"create\",\"table\":\"things\","
                    .formatted(op.ulid(), SELF)
                + "\"data\":[{\"id\":\"a\\u003cb\\u003e\\u0026\\u2028\u00e9\ud83d\ude00\"}],"
                + "\"transient\":false}]\n");
  }

  @Test
  void aQuietSweepIsTwoStatementsAndWritesNothing() {
    append("a");
    String last = sweep("", peer).header(SweepPage.LAST_SCANNED);
    sweep(last, peer);
    RequestCounts counts = site.countAgain();
    String before = seenAt();
    sweep(last, peer).expect(200);
    assertThat(counts.asMap()).isEqualTo(Map.of("catalog_statement", 2L));
    assertThat(seenAt()).isEqualTo(before);
  }

  @Test
  void strangersReadWhereTheSiteSaysSoAndMoveNothing() throws IOException {
    append("a");
    sweep("", null).expectError(401, "unauthenticated");
    sweep("", site.token(Scope.WRITE, "*")).expectError(403, "forbidden");
    sweep("", site.token(Scope.ADMIN, "some/*")).expectError(403, "forbidden");
    assertThat(ulids(sweep("", site.token(Scope.ADMIN, "*")).expect(200))).hasSize(1);
    site.follow(Map.of("SHEAF_SWEEP_PUBLIC", "true"), List.of(THINGS));
    assertThat(ulids(sweep("", null).expect(200))).hasSize(1);
    assertThat(site.rows("peer_positions")).isZero();
    snapshot("things", "", null).expectError(401, "unauthenticated");
  }

  /** A position comes from the token; what a request says about itself counts for nothing. */
  @Test
  void nobodyMovesThePositionOfAnother() {
    String other = site.peerToken("https://other.example");
    String last = append("a").getLast().ulid().text();
    site.call(
            GatewayEvent.of("GET", "/internal/crud/sweep?after=" + last)
                .token(other)
                .header("User-Agent", "mediorum " + PEER))
        .expect(200);
    assertThat(site.rows("peer_positions where host = '" + PEER + "'")).isZero();
    assertThat(site.rows("peer_positions where host = 'https://other.example'")).isEqualTo(1);
  }

  @Test
  void aPeerTokenWithoutAHostMovesNothing() {
    append("a");
    sweep("", site.token(Scope.PEER)).expect(200);
    assertThat(site.rows("peer_positions")).isZero();
  }

  @Test
  void belowMinIsAGapAndTheBodyStaysTheSame() {
    append("a");
    String plain = new String(sweep("", peer).bytes(), StandardCharsets.UTF_8);
    Answer gap = sweep("01KNBDEFJ00000000000000001", peer).expect(200);
    assertThat(gap.header(SweepPage.GAP)).isEqualTo("true");
    assertThat(Ulid.parse(gap.header(SweepPage.AVAILABLE_MIN))).isPresent();
    assertThat(new String(gap.bytes(), StandardCharsets.UTF_8)).isEqualTo(plain);
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "deflate, gzip;q=1.0", "GZIP"})
  void aPageIsCompressedForWhoTakesThat(String accepted) throws IOException {
    append(IntStream.range(0, 500).mapToObj(i -> "name-" + i).toArray(String[]::new));
    Answer answer =
        site.call(
            GatewayEvent.of("GET", "/internal/crud/sweep")
                .token(peer)
                .header("Accept-Encoding", accepted));
    assertThat(answer.header("Content-Encoding")).isEqualTo("gzip");
    assertThat(answer.header("Vary")).contains("Accept-Encoding");
    byte[] plain;
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(answer.bytes()))) {
      plain = in.readAllBytes();
    }
    assertThat(plain).isEqualTo(sweep("", peer).bytes());
    assertThat(answer.bytes().length).isLessThan(plain.length / 3);
  }

  @ParameterizedTest
  @ValueSource(strings = {"identity", "gzip;q=0", "x-gzip", ""})
  void nobodyElseIsGivenIt(String accepted) {
    append(IntStream.range(0, 500).mapToObj(i -> "name-" + i).toArray(String[]::new));
    Answer answer =
        site.call(
            GatewayEvent.of("GET", "/internal/crud/sweep")
                .token(peer)
                .header("Accept-Encoding", accepted));
    assertThat(answer.headers()).doesNotContainKey("Content-Encoding");
  }

  /** The largest page goes through a function's 6 MB, whatever is in it. */
  @Test
  void aPageOfFourMebibytesFits() {
    for (int i = 0; i < 30; i++) {
      append(
          IntStream.range(0, 1_000)
              .mapToObj(n -> "\"<\\" + random.nextInt() + "-" + "<".repeat(30) + n)
              .toArray(String[]::new));
    }
    Answer page = sweep("", peer).expect(200);
    assertThat(page.bytes().length).isBetween(3 << 20, 4 << 20);
    assertThat(page.header(SweepPage.LIMITED)).isEqualTo("true");
  }

  @Test
  void aSnapshotPagesThroughTheRecordsOfATable() throws IOException {
    write("a", "b");
    Answer page = snapshot("things", "", peer).expect(200);
    assertThat(ulids(page)).hasSize(2);
    assertThat(Ulid.parse(page.header(SnapshotPage.POSITION))).isPresent();
    Answer rest = snapshot("things", page.header(SnapshotPage.NEXT), peer).expect(200);
    assertThat(rest.headers()).doesNotContainKey(SnapshotPage.NEXT);
    snapshot("jobs", "", peer).expect(404);
    snapshot("things", "nonsense", peer).expect(422);
  }

  @Test
  void okTwice() {
    Op op = op("create", "things", "pushed");
    assertThat(push(op, peer).expect(200).rawBody()).isEmpty();
    push(op, peer).expect(200);
    assertThat(site.rows("things")).isEqualTo(1);
    assertThat(site.rows("ops")).isEqualTo(1);
  }

  /** A transient op changes its record, and goes into no log. */
  @Test
  void transientWritesNoOp() {
    Op op = op("update", "things", "patched");
    push(new Op(op.ulid(), PEER, "update", "things", op.data(), true), peer).expect(200);
    assertThat(site.rows("things")).isEqualTo(1);
    assertThat(site.rows("ops")).isZero();
  }

  @Test
  void whatIsPushedWronglyIsRefusedAsTheOriginalDoes() {
    Op op = op("create", "things", "pushed");
    push(op, null).expectError(401, "unauthenticated");
    push(op, site.token(Scope.WRITE, "*")).expectError(403, "forbidden");
    push(op, site.token(Scope.ADMIN, "*")).expectError(403, "forbidden");
    push(op, site.peerToken("https://other.example")).expectError(403, "forbidden");
    assertThat(push(op("create", "nowhere", "x"), peer).expect(406).bytes())
        .asString()
        .isEqualTo("unknown crudr type");
    for (String body : List.of("", "nonsense", "[]", "{\"ulid\":1}", OpJson.write(op) + "x")) {
      site.call(
              GatewayEvent.of("POST", "/internal/crud/push")
                  .token(peer)
                  .text("application/json", body))
          .expectError(400, "malformed");
    }
    assertThat(site.rows("things") + site.rows("ops") + site.rows("failed_ops")).isZero();
  }

  @Test
  void anOpThatCannotBeAppliedIsKeptAndSaid() {
    Answer answer = push(op("upsert", "things", "x"), peer).expect(500);
    assertThat(answer.document()).containsOnlyKeys("error", "message");
    assertThat(site.rows("failed_ops")).isEqualTo(1);
    Answer status = get("/internal/crud/status", peer).expect(200);
    assertThat(status.map("failed_ops")).containsEntry("count", 1L);
    assertThat(String.valueOf(status.map("failed_ops"))).contains("unknown action");
  }

  @Test
  void whoDoesNotWaitForTheScheduleDrawsANumberAndSendsIt() {
    site.messages().clear();
    post("/internal/crud/follow", null).expectError(401, "unauthenticated");
    post("/internal/crud/follow", site.token(Scope.WRITE, "*")).expectError(403, "forbidden");
    assertThat(site.messages()).isEmpty();
    long first = number(post("/internal/crud/follow", peer).expect(202));
    long second = number(post("/internal/crud/follow", site.token(Scope.ADMIN, "*")).expect(202));
    assertThat(second).isEqualTo(first + 1);
    assertThat(site.messages())
        .containsExactly("{\"follow\":" + first + "}", "{\"follow\":" + second + "}");
    Answer status = get("/internal/crud/status", peer).expect(200);
    assertThat(status.map("follow")).containsEntry("asked", second);
    assertThat(status.map("awaited")).containsEntry("for_an_hour", 0L);
  }

  @Test
  void aSiteWithoutPeersFollowsNobody() {
    site.follow(Map.of(), List.of(THINGS));
    site.messages().clear();
    post("/internal/crud/follow", peer).expectError(409, "no_peers");
    assertThat(site.messages()).isEmpty();
  }

  private static long number(Answer answer) {
    return ((Number) requireNonNull(answer.document().get("request"))).longValue();
  }

  /** As API Gateway sends it, with the token of a peer of this site. */
  @Test
  void theEventOfASweepIsAnsweredWithAPage() throws IOException {
    append("a");
    Answer page = site.call(GatewayEvent.sample("api-crud-sweep").token(peer)).expect(200);
    assertThat(ulids(page)).hasSize(1);
    assertThat(site.rows("peer_positions")).isEqualTo(1);
  }

  /** It asks for nothing but a snapshot while this site's log is empty. */
  @Test
  void aPeerThatBeginsIsNotLost() {
    site.follow(Map.of("SHEAF_PEERS", PEER), List.of(THINGS));
    snapshot("things", "", peer).expect(200);
    assertThat(get("/internal/crud/status", peer).expect(200).maps("peers").getFirst())
        .containsEntry("state", "streaming");
    Ulid read = append("a").getFirst().ulid();
    sweep(read.text(), peer);
    snapshot("things", "", peer).expect(200);
    assertThat(position()).isEqualTo(read.text());
  }

  @Test
  void onlyWhoeverRunsTheSiteGivesUpWhatCannotBeApplied() {
    Op bad = op("upsert", "things", "x");
    push(bad, peer).expect(500);
    push(op("upsert", "things", "y"), peer).expect(500);
    String drop = "/internal/ops/failed/drop";
    post(drop + "?all=true", null).expectError(401, "unauthenticated");
    post(drop + "?all=true", peer).expectError(403, "forbidden");
    String admin = site.token(Scope.ADMIN, "*");
    post(drop, admin).expect(400);
    post(drop + "?ulid=" + Ulid.least(Machine.CLOCK.instant()).next().text(), admin)
        .expectError(404, "op_not_found");
    assertThat(post(drop + "?ulid=" + bad.ulid().text(), admin).expect(200).document())
        .containsEntry("dropped", 1L);
    assertThat(post(drop + "?all=true", admin).expect(200).document()).containsEntry("dropped", 1L);
    assertThat(site.rows("failed_ops")).isZero();
  }

  @Test
  void theStatusSaysHowFarEverybodyIs() {
    get("/internal/crud/status", null).expectError(401, "unauthenticated");
    List<Op> ops = append("a", "b", "c");
    Answer fresh = get("/internal/crud/status", site.token(Scope.ADMIN, "*")).expect(200);
    assertThat(fresh.maps("peers").getFirst())
        .containsEntry("host", PEER)
        .containsEntry("state", "lost")
        .containsEntry("behind_ops", 1L);
    sweep(ops.getLast().ulid().text(), peer);
    Answer status = get("/internal/crud/status", peer).expect(200);
    assertThat(status.document())
        .containsEntry("self", SELF)
        .containsEntry("min_ulid", ops.getFirst().ulid().text())
        .containsEntry("max_ulid", ops.getLast().ulid().text());
    assertThat(status.maps("tables").getFirst()).containsEntry("rows", 1L);
    assertThat(status.maps("peers").getFirst())
        .containsEntry("state", "streaming")
        .containsEntry("behind_ops", 0L)
        .containsEntry("behind_seconds", 0L);
    assertThat(status.map("counters")).containsEntry("SweepGapAdvances", 0L);
  }

  @Test
  void thePlanNamesWhoPinsTheFloor() {
    get("/internal/ops/plan", null).expectError(401, "unauthenticated");
    append("a");
    site.follow(Map.of("SHEAF_PEERS", PEER, "SHEAF_OPS_RETENTION_DAYS", "30"), List.of(THINGS));
    Answer plan = get("/internal/ops/plan", peer).expect(200);
    assertThat(plan.document())
        .containsEntry("pinned_by", PEER)
        .containsEntry("held_rows", 0L)
        .containsEntry("retention_rows", 0L)
        .containsEntry(
            "retention_skip_reason", "empty cursor for peer " + PEER + " blocks deletion");
    assertThat(site.rows("ops")).isEqualTo(1);
  }

  @Test
  void aPeerCopiesABundleFromWhereItLies() {
    byte[] wire = new TestBundle().commit("c1", List.of(), Map.of("a", "A")).bytes();
    String id = site.client("alice/copied").upload(wire).hex();
    site.client("alice/copied").unpack(ApiSite.sha256(wire), Map.of("main", "c1")).expect(200);
    site.runJobs("alice/copied");
    get("/internal/blobs/" + id, null).expectError(401, "unauthenticated");
    get("/internal/blobs/" + id, site.token(Scope.READ, "*")).expectError(403, "forbidden");
    Answer where = get("/internal/blobs/" + id, peer).expect(307);
    assertThat(ApiSite.download(where.header("Location")).body()).isEqualTo(wire);
    assertThat(where.header("Sheaf-Blob-Size")).isEqualTo(Integer.toString(wire.length));
    Answer head =
        site.call(GatewayEvent.of("HEAD", "/internal/blobs/" + id).token(peer)).expect(200);
    assertThat(head.header("Sheaf-Blob-Kind")).isEqualTo("bundle");
    assertThat(head.header("Sheaf-Blob-Kept")).isEqualTo("true");
    assertThat(get("/internal/blobs/info/" + id, peer).expect(200).document())
        .containsEntry("kind", "bundle")
        .containsEntry("size_bytes", (long) wire.length);
    String object = ApiSite.sha256("A".getBytes(StandardCharsets.UTF_8)).hex();
    assertThat(get("/internal/blobs/info/" + object, peer).expect(200).text("kind"))
        .isEqualTo("object");
    get("/internal/blobs/" + "0".repeat(64), peer).expectError(404, "blob_not_found");
    get("/internal/blobs/x", peer).expect(422);
  }

  private static Answer get(String path, @Nullable String token) {
    return site.call(GatewayEvent.of("GET", path).token(token));
  }

  private static Answer post(String path, @Nullable String token) {
    return site.call(GatewayEvent.of("POST", path).token(token));
  }

  private static Answer sweep(String after, @Nullable String token) {
    return get("/internal/crud/sweep?after=" + after, token);
  }

  private static Answer snapshot(String table, String after, @Nullable String token) {
    return get(
        "/internal/crud/snapshot?table="
            + table
            + "&after="
            + java.net.URLEncoder.encode(after, StandardCharsets.UTF_8),
        token);
  }

  private static Answer push(Op op, @Nullable String token) {
    return site.call(
        GatewayEvent.of("POST", "/internal/crud/push")
            .token(token)
            .text("application/json", OpJson.write(op)));
  }

  private static List<Ulid> ulids(Answer answer) throws IOException {
    List<Ulid> ulids = new ArrayList<>();
    for (JsonNode op : JSON.readTree(answer.bytes())) {
      ulids.add(new Ulid(op.path("ulid").textValue()));
    }
    return ulids;
  }

  private Op op(String action, String table, String id) {
    ArrayNode data = JSON.createArrayNode();
    data.add(thing(id));
    Ulid ulid = Ulid.least(Machine.CLOCK.instant().plusMillis(random.nextInt(1_000)));
    return new Op(ulid, PEER, action, table, data, false);
  }

  private static ObjectNode thing(String id) {
    return JSON.createObjectNode().put("id", id);
  }

  private List<Op> append(String... ids) {
    OpLog log = new OpLog(SELF, Machine.CLOCK, random);
    List<ObjectNode> records = List.of(ids).stream().map(SitesTest::thing).toList();
    return site.catalog()
        .transaction(transaction -> {
          List<Op> ops =
              log.ops(log.stamp(transaction), new OpLog.Change(Action.CREATE, "things", records));
          log.append(transaction, ops);
          return ops;
        });
  }

  private void write(String... ids) {
    Ulid ulid = append(ids).getFirst().ulid();
    for (String id : ids) {
      site.execute("insert into things (id, op_ulid) values ('" + id + "', '" + ulid + "')");
    }
  }

  private static String position() {
    return one("select after as t from peer_positions where host = '" + PEER + "'");
  }

  private static String seenAt() {
    return one("select seen_at::text as t from peer_positions where host = '" + PEER + "'");
  }

  private static String one(String sql) {
    return site.catalog()
        .execute(dev.sheaf.storage.catalog.Statement.of(sql))
        .first()
        .orElseThrow()
        .text("t");
  }
}
