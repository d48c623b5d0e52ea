package dev.sheaf.localstack.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.amazonaws.services.lambda.runtime.RequestHandler;
import com.amazonaws.services.lambda.runtime.events.APIGatewayProxyRequestEvent;
import com.amazonaws.services.lambda.runtime.events.APIGatewayProxyResponseEvent;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sheaf.api.ApiHandler;
import dev.sheaf.bundleindex.BundleIndexHandler;
import dev.sheaf.ops.RegisteredTable;
import dev.sheaf.repository.Travelling;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three sites that are pushed to, cut off from one another, stopped in the middle of what they do,
 * started again, retired and brought back, and made home of what was another's: when all is well
 * again, all have the same rows and give the same clones, and no push that was acknowledged is
 * lost.
 *
 * <p>{@code -Dsheaf.sitesRounds=300} for a night; {@code -Dsheaf.sitesSeed=...} for the same draws.
 */
@Timeout(7200)
class SitesConvergenceTest {
  private static final int ROUNDS = Integer.getInteger("sheaf.sitesRounds", 8);
  private static final long SEED = Long.getLong("sheaf.sitesSeed", System.nanoTime());
  private static final int SITES = 3;
  private static final int QUIET_AFTER = 20;
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path folder;

  private final Random random = new Random(SEED);
  private final GitRounds git = new GitRounds();
  private final List<String> museRepos = new ArrayList<>(List.of("me/one", "me/two", "me/three"));
  private final List<String> gitRepos = new ArrayList<>(List.of("me/git", "me/tig"));

  /** Pairs of sites that do not hear one another, as {@code a b}. */
  private final Set<String> cut = ConcurrentHashMap.newKeySet();

  /** Token of a peer to the number of the site that shows it. */
  private final Map<String, Integer> peers = new ConcurrentHashMap<>();

  private final Map<String, String> parents = new HashMap<>();
  private final Set<String> acknowledged = new HashSet<>();
  private int refused;
  private int crashes;
  private int moves;
  private int twice;
  private int retired;

  @Test
  void allSitesEndWithTheSameAndNothingAcknowledgedIsLost() throws Exception {
    System.out.println("rounds: " + ROUNDS + ", seed " + SEED);
    try (EmbeddedSites sites =
        EmbeddedSites.start(new EmbeddedSites.Layout(SITES, folder, 0, 0), this::settings)) {
      for (int i = 0; i < SITES; i++) {
        learnTokens(sites.site(i), i);
      }
      for (int i = 0; i < SITES; i++) {
        push(sites.site(i), museRepos.get(i), "first" + i);
      }
      for (int i = 0; i < gitRepos.size(); i++) {
        push(sites.site(i), gitRepos.get(i), "first" + i);
      }
      settle(sites);
      for (int round = 0; round < ROUNDS; round++) {
        act(sites, round);
        if (round == ROUNDS / 2) {
          retire(sites, random.nextInt(SITES), round);
        }
      }
      cut.clear();
      int ticks = settle(sites);
      System.out.printf(
          "%d rounds: %d pushes acknowledged and %d of git, %d refused, %d crashes, %d homes taken,"
              + " %d names made twice, %d sites retired; %d ticks to agree%n",
          ROUNDS,
          acknowledged.size(),
          git.acknowledged(),
          refused,
          crashes,
          moves,
          twice,
          retired,
          ticks);
      compare(sites);
    }
  }

  private EmbeddedStack.Builder settings(int site) {
    return EmbeddedStack.builder()
        .retryAfter(Duration.ofSeconds(1))
        .peerSyncEvery(Duration.ofHours(1))
        .functions(
            BundleIndexHandler::new, environment -> partitioned(site, new ApiHandler(environment)));
  }

  /** Does not hear whom it is cut off from. */
  private RequestHandler<APIGatewayProxyRequestEvent, APIGatewayProxyResponseEvent> partitioned(
      int site, ApiHandler api) {
    return (event, context) -> {
      String authorization = event.getHeaders().getOrDefault("Authorization", "");
      Integer peer = peers.get(authorization.replaceFirst("^Bearer ", ""));
      return peer != null && cut.contains(pair(site, peer))
          ? new APIGatewayProxyResponseEvent().withStatusCode(503).withBody("{}")
          : api.handleRequest(event, context);
    };
  }

  private static String pair(int a, int b) {
    return Math.min(a, b) + " " + Math.max(a, b);
  }

  private void learnTokens(EmbeddedStack site, int number) throws IOException {
    Path file =
        Path.of(
            site.environment().getOrDefault("SHEAF_PEER_TOKENS", "").substring("file:".length()));
    JSON.readTree(Files.readString(file))
        .properties()
        .forEach(entry -> peers.put(entry.getValue().asText(), number));
  }

  private void act(EmbeddedSites sites, int round) throws Exception {
    int site = random.nextInt(SITES);
    int other = (site + 1 + random.nextInt(SITES - 1)) % SITES;
    List<String> kind = random.nextBoolean() ? museRepos : gitRepos;
    String repo = kind.get(random.nextInt(kind.size()));
    switch (random.nextInt(15)) {
      case 0 -> {
        if (!cut.remove(pair(site, other))) {
          cut.add(pair(site, other));
        }
      }
      case 1 -> {
        SiteClient.Answer answer =
            SiteClient.of(sites.site(site), repo).post("/home", Map.of("take", true));
        moves += answer.status() == 200 ? 1 : 0;
      }
      case 2 -> crash(sites, site, repo, round);
      case 3 -> makeTwice(sites, site, other, round);
      case 4 -> retire(sites, site, round);
      case 5, 6, 7 -> sites.site(site).followPeers();
      default -> push(whoMayTakeIt(sites, site, repo), repo, "c" + round);
    }
  }

  /** Two sites make a repository of one name, which neither has heard of. */
  private void makeTwice(EmbeddedSites sites, int site, int other, int round) throws Exception {
    String name = made("me/twice" + round);
    push(sites.site(site), name, "m" + round);
    push(sites.site(other), name, "n" + round);
    twice++;
  }

  /**
   * The others take a site out of their lists, delete what it has not read, and put it on them
   * again. Meanwhile it is stopped, or runs on and is pushed to by whoever has not heard.
   */
  private void retire(EmbeddedSites sites, int site, int round) throws Exception {
    retired++;
    cut.clear();
    boolean runsOn = random.nextBoolean();
    Retirement retirement = new Retirement(sites, site);
    sites.retire(site);
    if (runsOn) {
      String alone = made("me/alone" + round + "n" + retired);
      push(sites.site(site), alone, "a" + retired);
      push(whoMayTakeIt(sites, site, alone), alone, "b" + retired);
    } else {
      sites.stop(site);
    }
    List<Integer> others = List.of((site + 1) % SITES, (site + 2) % SITES);
    for (int other : others) {
      String without = made("me/without" + round + "n" + retired + "at" + other);
      push(sites.site(other), without, "w" + retired + other);
      push(sites.site(other), without, "x" + retired + other);
      if (random.nextBoolean()) {
        String taken = museRepos.get(random.nextInt(museRepos.size()));
        SiteClient.Answer answer =
            SiteClient.of(sites.site(other), taken).post("/home", Map.of("take", true));
        moves += answer.status() == 200 ? 1 : 0;
      }
    }
    // A position is told by the question that comes after it was reached.
    for (int i = 0; i < 3; i++) {
      for (int other : others) {
        endPauses(sites.site(other));
        sites.site(other).followPeers();
      }
    }
    for (int other : others) {
      assertThat(retirement.retain(sites.site(other)))
          .as("gone at site " + other + " before site " + site + " had read it")
          .isTrue();
    }
    sites.bringBack(site);
    if (!runsOn) {
      sites.startAgain(site);
    }
    for (int other : others) {
      retirement.requireCounted(sites.site(other));
    }
    long gaps = retirement.gaps();
    endPauses(sites.site(site));
    sites.site(site).followPeers();
    assertThat(retirement.gaps()).as("gaps that site " + site + " met").isGreaterThan(gaps);
  }

  /** The name of a repository that is of either kind, and is not made yet. */
  private String made(String name) {
    (random.nextBoolean() ? museRepos : gitRepos).add(name);
    return name;
  }

  /** Mostly the repository's home, as far as a site knows. */
  private EmbeddedStack whoMayTakeIt(EmbeddedSites sites, int number, String repo)
      throws Exception {
    EmbeddedStack site = sites.site(number);
    if (random.nextInt(4) == 0) {
      return site;
    }
    String home = SiteClient.of(site, repo).get("/home").json().path("home").asText();
    return sites.all().stream()
        .filter(each -> each.api().toString().equals(home))
        .findAny()
        .orElse(site);
  }

  private void push(EmbeddedStack site, String repo, String commit) throws Exception {
    SiteClient client = SiteClient.of(site, repo);
    if (gitRepos.contains(repo)) {
      refused += git.push(client, random, commit) == GitRounds.End.ACKNOWLEDGED ? 0 : 1;
      return;
    }
    String branch = random.nextInt(4) == 0 ? "next" : "main";
    byte[] content = new byte[200 + random.nextInt(3_000)];
    random.nextBytes(content);
    try {
      SiteClient.Answer refs = client.get("/refs");
      JsonNode head = refs.json().path("branch_heads").path(branch);
      @Nullable String parent = head.isMissingNode() ? null : head.asText();
      if (parent != null) {
        parents.put(commit, parent);
      }
      SiteClient.Answer answer = client.push(branch, commit, parent, content);
      if (answer.status() == 200) {
        // A site that is being stopped may still acknowledge, and not say afterwards whose it is.
        String known = refs.json().path("repo_id").asText();
        acknowledged.add((known.isEmpty() ? repo(site, repo) : known) + " " + commit);
      } else {
        refused++;
        assertThat(answer.status())
            .as(answer.json().toString())
            .isIn(409, 404, 422, 500, 502, 503, 504);
        if (answer.json().path("error").asText().equals("not_home")) {
          assertThat(answer.json().path("home").asText()).startsWith("http://127.0.0.1:");
        }
      }
    } catch (IOException e) {
      refused++; // stopped meanwhile
    }
  }

  /** Repositories of one name may be several. */
  private static String repo(EmbeddedStack site, String name) throws Exception {
    SiteClient.Answer refs = SiteClient.of(site, name).get("/refs");
    assertThat(refs.status()).as("refs of " + name).isEqualTo(200);
    return refs.json().path("repo_id").asText();
  }

  /** Stops a site while it follows its peers and somebody pushes to it, after some requests. */
  private void crash(EmbeddedSites sites, int number, String repo, int round) throws Exception {
    crashes++;
    EmbeddedStack site = sites.site(number);
    long enough = site.servers().dataApi().requests() + random.nextInt(40);
    Thread following = Thread.ofVirtual().start(() -> follow(site));
    Thread pushing =
        Thread.ofVirtual()
            .start(() -> {
              try {
                push(site, repo, "k" + round);
              } catch (Exception e) {
                // The site went away.
              }
            });
    while (site.servers().dataApi().requests() < enough
        && (following.isAlive() || pushing.isAlive())) {
      Thread.onSpinWait();
    }
    sites.stop(number);
    following.join();
    pushing.join();
    sites.startAgain(number);
  }

  private static void follow(EmbeddedStack site) {
    try {
      site.followPeers();
    } catch (InterruptedException | RuntimeException e) {
      // The site went away.
    }
  }

  /** Everybody hears everybody until all have the same; returns after how many ticks. */
  private int settle(EmbeddedSites sites) throws Exception {
    for (int tick = 1; ; tick++) {
      for (EmbeddedStack site : sites.all()) {
        endPauses(site);
        site.followPeers();
        awaitJobs(site);
      }
      Set<List<String>> rows = new HashSet<>();
      // What failed is tried again at the next tick.
      boolean isAtRest = true;
      for (EmbeddedStack site : sites.all()) {
        rows.add(rows(site));
        isAtRest &= troubles(site).isEmpty();
      }
      if ((rows.size() == 1 && isAtRest) || tick == QUIET_AFTER) {
        return tick;
      }
    }
  }

  /**
   * A bundle or a pack that no peer gave is asked for again after minutes, and whoever died holds a
   * lease for as long: a test does not wait for either.
   */
  private static void endPauses(EmbeddedStack site) throws SQLException {
    query(site, "update bundle_copies set try_after = 'epoch' returning bundle");
    query(site, "update pack_copies set try_after = 'epoch' returning pack");
    query(site, "update ops_leases set held_until = 'epoch' returning name");
  }

  static void awaitJobs(EmbeddedStack site) throws Exception {
    long deadline = System.nanoTime() + Duration.ofMinutes(2).toNanos();
    String open = "select count(*) from jobs where status in ('pending', 'running')";
    while (!query(site, open).equals(List.of("0")) && System.nanoTime() < deadline) {
      Thread.sleep(50);
    }
  }

  private void compare(EmbeddedSites sites) throws Exception {
    EmbeddedStack first = sites.site(0);
    for (EmbeddedStack site : sites.all()) {
      assertThat(troubles(site)).as("troubles of " + site.api()).isEmpty();
      assertThat(rows(site)).as("rows of " + site.api()).isEqualTo(rows(first));
      assertThat(failedJobs(site)).as("jobs of " + site.api()).isEmpty();
    }
    Set<String> reached = new HashSet<>();
    for (String name : query(first, "select owner || '/' || shown from repos order by 1")) {
      JsonNode refs = SiteClient.of(first, name).get("/refs").json();
      String id = refs.path("repo_id").asText();
      if (refs.path("kind").asText().equals("git")) {
        compareGit(sites, name, id);
        continue;
      }
      List<Map<String, String>> clones = new ArrayList<>();
      for (EmbeddedStack site : sites.all()) {
        clones.add(contents(SiteClient.of(site, name)));
      }
      assertThat(clones).as("clones of " + name).allMatch(clones.getFirst()::equals);
      for (String head : SiteClient.of(first, name).heads().values()) {
        for (String commit = head; commit != null; commit = parents.get(commit)) {
          reached.add(id + " " + commit);
        }
      }
    }
    assertThat(reached).containsAll(acknowledged);
  }

  private void compareGit(EmbeddedSites sites, String name, String id) throws Exception {
    List<JsonNode> shown = new ArrayList<>();
    List<Set<String>> clones = new ArrayList<>();
    for (EmbeddedStack site : sites.all()) {
      SiteClient client = SiteClient.of(site, name);
      JsonNode refs = client.get("/refs").json();
      shown.add(((ObjectNode) refs).without("sequence"));
      clones.add(GitRounds.clone(client));
    }
    assertThat(shown).as("refs of " + name).allMatch(shown.getFirst()::equals);
    assertThat(clones).as("clones of " + name).allMatch(clones.getFirst()::equals);
    assertThat(clones.getFirst()).as("clone of " + name).containsAll(git.required(id));
  }

  /** All that travels, row by row; a bundle that was refused does not. */
  private static List<String> rows(EmbeddedStack site) throws SQLException {
    List<String> rows = new ArrayList<>();
    for (RegisteredTable table : Travelling.TABLES) {
      String columns =
          table.columns().stream()
              .map(column -> "coalesce(\"" + column.column() + "\"::text, '-')")
              .collect(Collectors.joining(" || ' ' || "));
      rows.addAll(
          query(
              site,
              "select line from (select '%s ' || %s || ' ' || op_ulid as line from %s) l"
                      .formatted(table.name(), columns, table.name())
                  + " where line is not null order by line collate \"C\""));
    }
    return rows;
  }

  /** What could not be applied, and peers that could not be followed. */
  private static List<String> troubles(EmbeddedStack site) throws SQLException {
    List<String> troubles =
        query(site, "select 'op ' || \"table\" || ' ' || data || ': ' || error from failed_ops");
    troubles.addAll(query(site, "select host || ': ' || error from peer_faults"));
    troubles.addAll(
        query(
            site,
            "select 'untold: ' || bundle from bundles_told where op_ulid is null and state ="
                + " 'indexed'"));
    troubles.addAll(
        query(site, "select 'pack not here: ' || pack from git_packs where state = 'awaited'"));
    troubles.addAll(
        query(
            site,
            "select 'not shown: ' || convert_from(name, 'UTF8') from git_refs"
                + " where target is distinct from shown_target"));
    troubles.addAll(
        query(
            site,
            "select 'not here: ' || bundle || coalesce((select string_agg('; a job is ' || status"
                + " || coalesce(', ' || error, ''), '') from jobs j where j.bundle = b.bundle), '')"
                + " || coalesce((select '; asked for ' || attempts || ' times' from bundle_copies c"
                + " where c.bundle = b.bundle), '') from bundles b where state = 'awaited'"));
    return troubles;
  }

  private static List<String> failedJobs(EmbeddedStack site) throws SQLException {
    return query(
        site,
        "select bundle || ': ' || error from jobs"
            + " where status = 'failed' and error not like 'the push was refused: %'"
            // Uploaded, and announced by nobody: before another site was made the home, or a move
            // back.
            + " and error not like 'the home of %' and error not like 'no ref was changed: %'");
  }

  private static List<String> query(EmbeddedStack site, String sql) throws SQLException {
    List<String> rows = new ArrayList<>();
    try (Connection connection = DriverManager.getConnection(site.servers().database().jdbcUrl());
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      while (result.next()) {
        rows.add(result.getString(1));
      }
    }
    return rows;
  }

  /** What a clone of every branch would have: commit to the bytes of its file. */
  private Map<String, String> contents(SiteClient client) throws Exception {
    Map<String, String> contents = new HashMap<>();
    for (Map.Entry<String, String> branch : client.heads().entrySet()) {
      JsonNode log = client.get("/commits?limit=100&branch=" + escape(branch.getKey())).json();
      for (JsonNode commit : log.path("commits")) {
        String id = commit.path("commit_id").asText();
        JsonNode file = client.get("/tree/" + escape(id)).json();
        contents.put(id, file.path("entries").toString());
      }
      assertThat(contents).containsKey(branch.getValue());
    }
    return contents;
  }

  private static String escape(String text) {
    return java.net.URLEncoder.encode(text, UTF_8);
  }
}
