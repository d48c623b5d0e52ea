package dev.sheaf.repository;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.sheaf.ops.Applier;
import dev.sheaf.ops.Op;
import dev.sheaf.ops.Ulid;
import dev.sheaf.storage.catalog.Statement;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Records of git refs and packs as a hostile peer may write them: each is refused and kept, with
 * what is wrong with it, and everything beside it is applied.
 */
class GitRecordsTest extends CatalogTest {
  private static final String HOME = "https://home.example";
  private static final String STRANGER = "https://stranger.example";
  private static final String ID = "0123456789abcdef0123456789abcdef01234567";
  private static final String PACK = ID + "89abcdef0123456789abcdef";

  private static final String NAME = "'name' is no name of a ref in hex";
  private static final String TARGET = "'target' is no object id";

  private int ulids;

  @BeforeEach
  void aRepositoryOfAPeer() {
    catalog.execute(
        Statement.of("truncate ops, tombstones, failed_ops, repos, git_refs, git_packs"));
    catalog.execute(Statement.of("update ops_tail set last_millis = 0"));
    Op repo =
        op(
            HOME,
            "repos",
            "{'repo_id':'r','owner':'me','name':'r','public':false,'kind':'git','home':'%s',"
                    .formatted(HOME)
                + "'epoch':0,'made_at':'%s','created_at':'2026-01-01T00:00:00Z'}".formatted(HOME));
    assertThat(hear(List.of(repo))).isEqualTo(new Applier.Outcome(1, 0, 0));
  }

  private Applier.Outcome hear(List<Op> ops) {
    return new Applier(
            catalog,
            SELF,
            Travelling.TABLES,
            new HomeFence(SELF, Travelling.TABLES),
            clock,
            new Random(2))
        .apply(HOME, ops, _ -> {});
  }

  private Op op(String host, String table, String record) {
    try {
      JsonNode parsed = OwnRow.JSON.readTree(record.replace('\'', '"'));
      ArrayNode data = OwnRow.JSON.createArrayNode().add(parsed);
      String ulid = Ulid.least(NOW.minusSeconds(1)).text().substring(0, 20) + "%06d";
      return new Op(new Ulid(ulid.formatted(ulids++)), host, "update", table, data, false);
    } catch (JsonProcessingException e) {
      throw new AssertionError(record, e);
    }
  }

  private static String hex(String name) {
    return HexFormat.of().formatHex(name.getBytes(StandardCharsets.ISO_8859_1));
  }

  private Op ref(String name, String fields) {
    return op(HOME, "git_refs", "{'repo_id':'r','name':%s,'epoch':0%s}".formatted(name, fields));
  }

  private static String quoted(String text) {
    return "'" + text + "'";
  }

  private List<String> texts(String sql) {
    List<String> texts = new ArrayList<>();
    catalog.execute(Statement.of(sql)).forEach(row -> texts.add(row.text("t")));
    return texts;
  }

  /** Names of refs as JSON, and what is said of them. */
  static Stream<Arguments> names() {
    String main = hex("refs/heads/main");
    return Stream.of(
        Arguments.of("'refs/heads/main'", "no lowercase hex"),
        Arguments.of(quoted(main.toUpperCase(java.util.Locale.ROOT)), "no lowercase hex"),
        Arguments.of(quoted(main + "0"), "no lowercase hex"),
        Arguments.of("''", NAME),
        Arguments.of(quoted(hex("main")), NAME),
        Arguments.of(quoted(hex("HEAD/main")), NAME),
        Arguments.of(quoted(hex("refs/heads/a..b")), NAME),
        Arguments.of(quoted(hex("refs/heads/../../config")), NAME),
        Arguments.of(quoted(hex("refs/heads/a\nb")), NAME),
        Arguments.of(quoted(hex("refs/heads/a\0b")), NAME),
        Arguments.of(quoted(hex("refs/heads/x.lock")), NAME),
        Arguments.of(quoted(hex("refs/heads/" + "n".repeat(1_020))), NAME),
        Arguments.of(quoted(hex("refs/heads/" + "n".repeat(60_000))), "the key of a record"),
        Arguments.of("12", NAME),
        Arguments.of("true", "no lowercase hex"),
        Arguments.of("{'a':1}", NAME),
        Arguments.of("['" + main + "']", NAME),
        Arguments.of("null", "has no 'name'"));
  }

  @ParameterizedTest
  @MethodSource("names")
  void aNameThatIsNone(String name, String said) {
    requireRefused(ref(name, ",'target':'" + ID + "'"), said);
  }

  /** What follows the name of {@code refs/heads/bad}. */
  static Stream<Arguments> targets() {
    String symref = ",'symref':'" + hex("refs/heads/main") + "'";
    return Stream.of(
        Arguments.of("", TARGET),
        Arguments.of(",'target':null", TARGET),
        Arguments.of(",'target':''", TARGET),
        Arguments.of(",'target':'" + ID + "0'", TARGET),
        Arguments.of(",'target':'" + ID.substring(1) + "'", TARGET),
        Arguments.of(",'target':'" + ID.toUpperCase(java.util.Locale.ROOT) + "'", TARGET),
        Arguments.of(",'target':'" + ID.replace('0', 'g') + "'", TARGET),
        Arguments.of(",'target':'" + PACK + "'", TARGET),
        Arguments.of(",'target':'" + "a".repeat(40_000) + "'", TARGET),
        Arguments.of(",'target':" + "1".repeat(40), TARGET),
        Arguments.of(",'target':{'id':'" + ID + "'}", TARGET),
        Arguments.of(",'target':['" + ID + "']", TARGET),
        Arguments.of(",'target':'" + ID + "','peeled':'" + ID + "1'", "'peeled'"),
        Arguments.of(",'target':'" + ID + "','peeled':7", "'peeled'"),
        Arguments.of(symref, "'symref' is HEAD's alone"),
        Arguments.of(",'target':'" + ID + "'" + symref, "'symref' is HEAD's alone"),
        Arguments.of(",'target':'" + ID + "','epoch':'late'", "'epoch'"),
        Arguments.of(",'target':'" + ID + "','epoch':-1", "'epoch'"),
        Arguments.of(",'target':'" + ID + "','epoch':1e30", "'epoch'"));
  }

  @ParameterizedTest
  @MethodSource("targets")
  void aTargetThatIsNone(String fields, String said) {
    requireRefused(ref(quoted(hex("refs/heads/bad")), fields), said);
  }

  static Stream<Arguments> heads() {
    return Stream.of(
        Arguments.of("", TARGET),
        Arguments.of(",'target':'refs/heads/main'", TARGET),
        Arguments.of(",'target':'" + hex("refs/heads/main") + "'", TARGET),
        Arguments.of(",'symref':'" + hex("main") + "'", "'symref' is no name"),
        Arguments.of(",'symref':'" + hex("HEAD") + "'", "'symref' is no name"),
        Arguments.of(",'symref':'" + hex("refs/heads/a b") + "'", "'symref' is no name"),
        Arguments.of(",'symref':'main'", "no lowercase hex"),
        Arguments.of(",'symref':5", "no lowercase hex"),
        Arguments.of(
            ",'target':'" + ID + "','symref':'" + hex("refs/heads/main") + "'",
            "both 'target' and 'symref'"));
  }

  @ParameterizedTest
  @MethodSource("heads")
  void aHeadThatNamesNothing(String fields, String said) {
    requireRefused(ref(quoted(hex("HEAD")), fields), said);
  }

  static Stream<Arguments> packs() {
    String fields = "'size_bytes':9,'objects':1,'ordinal':1";
    return Stream.of(
        Arguments.of("'pack':'" + ID + "'," + fields, "'pack' is no SHA-256"),
        Arguments.of(
            "'pack':'" + PACK.toUpperCase(java.util.Locale.ROOT) + "'," + fields,
            "'pack' is no SHA-256"),
        Arguments.of("'pack':'../" + PACK.substring(3) + "'," + fields, "'pack' is no SHA-256"),
        Arguments.of("'pack':7," + fields, "'pack' is no SHA-256"),
        Arguments.of("'pack':null," + fields, "has no 'pack'"),
        Arguments.of(fields, "has no 'pack'"),
        Arguments.of(pack("'objects':1,'ordinal':1"), "'size_bytes' is no count"),
        Arguments.of(pack("'size_bytes':-1,'objects':1,'ordinal':1"), "'size_bytes' is no count"),
        Arguments.of(pack("'size_bytes':0,'objects':1,'ordinal':1"), "'size_bytes' is no count"),
        Arguments.of(pack("'size_bytes':'9','objects':1,'ordinal':1"), "'size_bytes' is no count"),
        Arguments.of(pack("'size_bytes':1.5,'objects':1,'ordinal':1"), "'size_bytes' is no count"),
        Arguments.of(pack("'size_bytes':1e30,'objects':1,'ordinal':1"), "'size_bytes' is no count"),
        Arguments.of(pack("'size_bytes':9,'ordinal':1"), "'objects' is no count"),
        Arguments.of(pack("'size_bytes':9,'objects':-5,'ordinal':1"), "'objects' is no count"),
        Arguments.of(pack("'size_bytes':9,'objects':1,'ordinal':-1"), "'ordinal' is no count"),
        Arguments.of(pack("'size_bytes':9,'objects':1,'ordinal':[]"), "'ordinal' is no count"));
  }

  private static String pack(String fields) {
    return "'pack':'" + PACK + "'," + fields;
  }

  @ParameterizedTest
  @MethodSource("packs")
  void aPackThatIsNone(String fields, String said) {
    requireRefused(op(HOME, "git_packs", "{'repo_id':'r'," + fields + "}"), said);
  }

  @Test
  void aRefOfSomebodyElsesRepository() {
    String record = "{'repo_id':'r','name':'%s','target':'%s','epoch':0}";
    String name = hex("refs/heads/bad");
    requireRefused(
        op(STRANGER, "git_refs", record.formatted(name, ID)),
        "is not written by " + STRANGER + " now");
    requireRefused(
        op(HOME, "git_refs", "{'name':'" + name + "','target':'" + ID + "'}"), "has no 'repo_id'");
    Op unknown = op(HOME, "git_refs", record.replace("'r'", "'x'").formatted(name, ID));
    requireRefused(unknown, "is not written by");
  }

  /** What a site of ours writes is none of this. */
  @Test
  void whatIsSoundIsApplied() {
    List<Op> sound =
        List.of(
            ref(quoted(hex("HEAD")), ",'target':null,'symref':'" + hex("refs/heads/x") + "'"),
            ref(quoted(hex("refs/heads/\u00ff")), ",'target':'" + ID + "','peeled':null"),
            ref(quoted(hex("refs/tags/v1")), ",'target':'" + ID + "','peeled':'" + ID + "'"),
            op(HOME, "git_packs", "{'repo_id':'r'," + pack("'size_bytes':9,'objects':1}")));
    assertThat(hear(sound)).isEqualTo(new Applier.Outcome(4, 0, 0));
    assertThat(texts("select error as t from failed_ops")).isEmpty();
  }

  private void requireRefused(Op bad, String said) {
    catalog.execute(Statement.of("truncate failed_ops, git_refs, git_packs"));
    Op before = ref(quoted(hex("refs/heads/before")), ",'target':'" + ID + "'");
    Op after = ref(quoted(hex("refs/heads/after")), ",'target':'" + ID + "'");
    Applier.Outcome outcome = hear(List.of(before, bad, after));
    assertThat(outcome).isEqualTo(new Applier.Outcome(2, 0, 1));
    assertThat(texts("select convert_from(name, 'UTF8') as t from git_refs order by 1"))
        .containsExactly("refs/heads/after", "refs/heads/before");
    assertThat(texts("select pack as t from git_packs")).isEmpty();
    assertThat(texts("select error as t from failed_ops"))
        .hasSize(1)
        .allMatch(error -> error.contains(said), said);
    assertThat(texts("select ulid as t from failed_ops")).containsExactly(bad.ulid().text());
  }
}
