package dev.sheaf.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.journal.Operation.IntAdd;
import dev.sheaf.journal.Operation.IntDiv;
import dev.sheaf.journal.Operation.IntMapAdd;
import dev.sheaf.journal.Operation.IntMapDelete;
import dev.sheaf.journal.Operation.IntMapDiv;
import dev.sheaf.journal.Operation.IntMapMul;
import dev.sheaf.journal.Operation.IntMapSet;
import dev.sheaf.journal.Operation.IntMul;
import dev.sheaf.journal.Operation.IntSet;
import dev.sheaf.journal.Operation.ListAppend;
import dev.sheaf.journal.Operation.MapDelete;
import dev.sheaf.journal.Operation.MapSet;
import dev.sheaf.journal.Operation.ScalarDelete;
import dev.sheaf.journal.Operation.ScalarSet;
import dev.sheaf.journal.Operation.SetAdd;
import dev.sheaf.journal.Operation.SetRemove;
import dev.sheaf.journal.json.Json;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.Test;

/** What every implementation of {@link Journal} does. */
@DisplayNameGeneration(ScenarioNames.class)
abstract class JournalContract {
  private static final Json A = Json.of("a");
  private static final Json B = Json.of("b");

  private final List<Journal> opened = new ArrayList<>();

  /** Another backend on the same storage. */
  abstract Journal openBackend(String namespace);

  private Journal open(String namespace) {
    Journal journal = openBackend(namespace);
    opened.add(journal);
    return journal;
  }

  @AfterEach
  void closeAll() {
    opened.forEach(Journal::close);
  }

  @Test
  void scalar() {
    Journal journal = open("git");
    assertThat(journal.scalar("s")).isEmpty();
    journal.apply(new ScalarSet("s", Json.of("hello")));
    assertThat(journal.scalar("s")).contains(Json.of("hello"));
    journal.apply(new ScalarSet("s", Json.NULL));
    assertThat(journal.scalar("s")).contains(Json.NULL);
  }

  @Test
  void scalarDelete() {
    Journal journal = open("git");
    journal.apply(new ScalarSet("s", A), new ScalarDelete("s"), new ScalarDelete("absent"));
    assertThat(journal.scalar("s")).isEmpty();
  }

  @Test
  void scalarStruct() {
    Journal journal = open("git");
    Json struct = Json.object().put("port", 8080).put("host", "h").build();
    journal.apply(new ScalarSet("s", struct));
    assertThat(journal.scalar("s")).hasToString("Optional[{\"host\":\"h\",\"port\":8080}]");
  }

  @Test
  void int_() {
    Journal journal = open("git");
    assertThat(journal.integer("i")).isZero();
    journal.apply(new IntSet("i", 42));
    assertThat(journal.integer("i")).isEqualTo(42);
  }

  @Test
  void intArithmetic() {
    Journal journal = open("git");
    journal.apply(
        new IntAdd("i", 100), new IntAdd("i", -30), new IntMul("i", 3), new IntDiv("i", 4));
    assertThat(journal.integer("i")).isEqualTo(52);
    journal.apply(new IntSet("n", -7), new IntDiv("n", 2));
    assertThat(journal.integer("n")).isEqualTo(-3);
    journal.apply(new IntSet("w", Long.MAX_VALUE), new IntAdd("w", 1), new IntDiv("w", -1));
    assertThat(journal.integer("w")).isEqualTo(Long.MIN_VALUE);
  }

  @Test
  void intDivByZero() {
    Journal journal = open("git");
    journal.apply(new IntSet("i", 7), new IntDiv("i", 0), new IntDiv("absent", 0));
    assertThat(journal.integer("i")).isEqualTo(7);
    assertThat(journal.scalar("absent")).isEmpty();
  }

  @Test
  void set() {
    Journal journal = open("git");
    assertThat(journal.members("s")).isEmpty();
    journal.apply(new SetAdd("s", B), new SetAdd("s", A), new SetAdd("s", A));
    assertThat(journal.members("s")).contains(List.of(A, B));
    assertThat(journal.contains("s", A)).isTrue();
    assertThat(journal.contains("s", Json.of("c"))).isFalse();
  }

  @Test
  void setRemove() {
    Journal journal = open("git");
    journal.apply(new SetAdd("s", A), new SetRemove("s", A), new SetRemove("absent", A));
    assertThat(journal.members("s")).contains(List.of());
    assertThat(journal.members("absent")).isEmpty();
  }

  @Test
  void map() {
    Journal journal = open("git");
    journal.apply(new MapSet("m", A, Json.of(1)), new MapSet("m", B, Json.of("x")));
    assertThat(journal.mapValue("m", B)).contains(Json.of("x"));
    assertThat(journal.mapValue("m", Json.of("c"))).isEmpty();
    assertThat(journal.members("m")).contains(List.of(A, B));
    assertThat(journal.entries("m")).hasToString("Optional[{\"\\\"a\\\"\":1,\"\\\"b\\\"\":\"x\"}]");
  }

  @Test
  void mapDelete() {
    Journal journal = open("git");
    journal.apply(new MapSet("m", A, B), new MapDelete("m", A), new MapDelete("absent", A));
    assertThat(journal.mapValue("m", A)).isEmpty();
    assertThat(journal.scalar("absent")).isEmpty();
  }

  @Test
  void mapStruct() {
    Journal journal = open("git");
    Json key = Json.object().put("z", 1).put("a", "<").build();
    Json sameKey = Json.object().put("a", "<").put("z", 1).build();
    journal.apply(new MapSet("m", key, A));
    assertThat(journal.mapValue("m", sameKey)).contains(A);
    assertThat(journal.mapValue("m", key)).contains(A);
    journal.apply(new MapDelete("m", key));
    assertThat(journal.members("m")).contains(List.of());
  }

  @Test
  void intMap() {
    Journal journal = open("git");
    journal.apply(new IntMapSet("m", A, 7), new IntMapSet("m", B, 1), new IntMapDelete("m", B));
    assertThat(journal.mapInteger("m", A)).isEqualTo(7);
    assertThat(journal.mapInteger("m", B)).isZero();
    assertThat(journal.members("m")).contains(List.of(A));
  }

  @Test
  void intMapIncr() {
    Journal journal = open("git");
    journal.apply(
        new IntMapAdd("m", A, 5),
        new IntMapAdd("m", A, -2),
        new IntMapMul("m", A, 7),
        new IntMapDiv("m", A, 2),
        new IntMapDiv("m", B, 3),
        new IntMapDiv("absent", A, 3));
    assertThat(journal.mapInteger("m", A)).isEqualTo(10);
    assertThat(journal.contains("m", B)).isTrue();
    assertThat(journal.scalar("absent")).isEmpty();
  }

  @Test
  void list() {
    Journal journal = open("git");
    assertThat(journal.list("l")).isEmpty();
    assertThat(journal.listLength("l")).isZero();
    journal.apply(new ListAppend("l", A), new ListAppend("l", Json.NULL), new ListAppend("l", A));
    assertThat(journal.list("l")).contains(List.of(A, Json.NULL, A));
    assertThat(journal.listLength("l")).isEqualTo(3);
  }

  @Test
  void namespaceIsolation() {
    Journal one = open("one");
    Journal two = open("two");
    Journal root = open("");
    one.apply(new IntAdd("n", 1));
    two.apply(new IntAdd("n", 2));
    List.of(one, two, root).forEach(Journal::flush);
    assertThat(one.integer("n")).isEqualTo(1);
    assertThat(two.integer("n")).isEqualTo(2);
    assertThat(root.integer("n")).isZero();
  }

  @Test
  void flushPersists() {
    Journal journal = open("git");
    journal.apply(new IntAdd("n", 3));
    journal.flush();
    journal.close();
    Journal again = open("git");
    again.flush();
    assertThat(again.integer("n")).isEqualTo(3);
  }

  @Test
  void writePersists() {
    open("git").apply(new IntAdd("n", 3));
    Journal other = open("git");
    other.flush();
    assertThat(other.integer("n")).isEqualTo(3);
  }

  @Test
  void flushRoundTrip() {
    Journal journal = open("git");
    journal.apply(
        new ScalarSet("f", Json.of(1.5)),
        new SetAdd("s", Json.of("<&>\u2028\ud83d\ude00")),
        new MapSet("m", Json.NULL, Json.array(Json.TRUE, Json.object().build())),
        new ListAppend("l", Json.of(Long.MIN_VALUE)));
    String before = journal.state().toString();
    journal.flush();
    journal.flush();
    assertThat(journal.state().toString()).isEqualTo(before);
  }

  @Test
  void twoStoresSync() {
    Journal one = open("git");
    Journal two = open("git");
    one.apply(new SetAdd("s", A));
    two.apply(new SetAdd("s", B));
    one.flush();
    two.flush();
    assertThat(one.members("s")).contains(List.of(A, B));
    assertThat(two.state()).isEqualTo(one.state());
  }

  @Test
  void twoBackendsConcurrentOps() throws InterruptedException {
    Journal one = open("git");
    Journal two = open("git");
    Thread adding = Thread.ofVirtual().start(() -> one.apply(new IntAdd("n", 10)));
    Thread taking = Thread.ofVirtual().start(() -> two.apply(new IntAdd("n", -5)));
    adding.join();
    taking.join();
    one.flush();
    two.flush();
    assertThat(one.integer("n")).isEqualTo(5);
    assertThat(two.integer("n")).isEqualTo(5);
  }
}
