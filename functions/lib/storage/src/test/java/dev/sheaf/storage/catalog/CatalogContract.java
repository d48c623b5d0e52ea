package dev.sheaf.storage.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.storage.parallel.ParallelCalls;
import java.util.Arrays;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every {@link Catalog} promises. Each implementation runs this suite. */
public abstract class CatalogContract {
  private Catalog catalog;

  /** A catalog on an empty database. */
  protected abstract Catalog emptyCatalog() throws Exception;

  @BeforeEach
  final void makeCatalog() throws Exception {
    catalog = emptyCatalog();
    run("create table t (id text collate \"C\" primary key, n bigint)");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "plain", "q\"uo'te\\ \n\t\u0001 :name", "ü € \ud83d\ude00 \ufffd", " x "})
  void carriesTexts(String text) {
    assertThat(select(Statement.of("select :v::text as v").text("v", text)).text("v"))
        .isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1, Long.MAX_VALUE, Long.MIN_VALUE})
  void carriesIntegers(long number) {
    assertThat(select(Statement.of("select :v::bigint as v").number("v", number)).number("v"))
        .isEqualTo(number);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 40_000})
  void carriesBytes(int size) {
    byte[] bytes = new byte[size];
    for (int i = 0; i < size; i++) {
      bytes[i] = (byte) i;
    }
    assertThat(select(Statement.of("select :v::bytea as v").bytes("v", bytes)).bytes("v"))
        .isEqualTo(bytes);
  }

  @Test
  void carriesTruthValuesAndFractions() {
    Rows.Row row =
        select(
            Statement.of("select :yes as yes, :no as no, 0.25::float8 as quarter")
                .flag("yes", true)
                .flag("no", false));
    assertThat(row.flag("yes")).isTrue();
    assertThat(row.flag("no")).isFalse();
    assertThat(row.asMap()).containsEntry("quarter", 0.25);
  }

  @Test
  void carriesNulls() {
    Rows.Row row =
        select(
            Statement.of("select :t::text as t, :n::bigint as n, :b::bytea as b")
                .text("t", null)
                .number("n", null)
                .bytes("b", null));
    assertThat(row.textOrNull("t")).isNull();
    assertThat(row.numberOrNull("n")).isNull();
    assertThat(row.bytesOrNull("b")).isNull();
    assertThatThrownBy(() -> row.text("t")).hasMessageContaining("t is null");
    assertThatThrownBy(() -> row.text("x")).hasMessageContaining("no column x");
  }

  @Test
  void givesOtherTypesAsText() {
    Rows.Row row =
        select(
            Statement.of(
                "select '{\"a\": 1}'::jsonb as j, 12.5::numeric as d,"
                    + " '0c2d9e8c-3a3e-4c55-a5b6-5c1c1d6e2f10'::uuid as u"));
    assertThat(row.text("j")).isEqualTo("{\"a\": 1}");
    assertThat(row.text("d")).isEqualTo("12.5");
    assertThat(row.text("u")).isEqualTo("0c2d9e8c-3a3e-4c55-a5b6-5c1c1d6e2f10");
  }

  @Test
  void countsUpdatedRows() {
    Rows inserted = run("insert into t values ('a', 1), ('b', 2)");
    assertThat(inserted.updated()).isEqualTo(2);
    assertThat(inserted.size()).isZero();
    assertThat(inserted.first()).isEmpty();
    assertThat(run("update t set n = 3 where id = 'a'").updated()).isEqualTo(1);
    assertThat(run("select * from t").size()).isEqualTo(2);
    assertThat(run("update t set n = 5 returning id").size()).isEqualTo(2);
  }

  @Test
  void tellsConflictsFromMistakes() {
    run("insert into t values ('a', 1)");
    assertKind(ErrorKind.CONFLICT, () -> run("insert into t values ('a', 2)"));
    assertKind(ErrorKind.SITE, () -> run("select * from nowhere"));
    assertKind(ErrorKind.SITE, () -> run("selct 1"));
    assertKind(ErrorKind.INVALID, () -> run("select 1/0"));
  }

  @Test
  void refusesRequestsOverFourMebibytes() {
    byte[] bytes = new byte[3_300_000];
    assertKind(
        ErrorKind.TOO_LARGE,
        () -> catalog.execute(Statement.of("select length(:v) as n").bytes("v", bytes)));
    byte[] fitting = Arrays.copyOf(bytes, 3_100_000);
    assertThat(
            select(Statement.of("select length(:v::bytea) as n").bytes("v", fitting)).number("n"))
        .isEqualTo(fitting.length);
  }

  @Test
  void refusesResultsOverOneMebibyte() {
    run("insert into t select repeat(i::text, 1000), i from generate_series(10, 60) i");
    run("create table wide as select repeat('x', 60000) as v from generate_series(1, 20)");
    assertKind(ErrorKind.TOO_LARGE, () -> run("select * from wide"));
    assertThat(run("select * from wide limit 10").size()).isEqualTo(10);
  }

  @Test
  void refusesRowsOver64Kilobytes() {
    assertKind(ErrorKind.TOO_LARGE, () -> run("select repeat('x', 70000) as v"));
  }

  @Test
  void commitsWhatTheWorkDid() {
    long n =
        catalog.transaction(transaction -> {
          transaction.execute(Statement.of("insert into t values ('a', 7)"));
          return transaction
              .execute(Statement.of("select n from t"))
              .first()
              .orElseThrow()
              .number("n");
        });
    assertThat(n).isEqualTo(7);
    assertThat(run("select * from t").size()).isEqualTo(1);
  }

  @Test
  void showsNothingBeforeTheCommit() {
    catalog.transaction(transaction -> {
      transaction.execute(Statement.of("insert into t values ('a', 7)"));
      assertThat(run("select * from t").size()).isZero();
      return null;
    });
  }

  @Test
  void rollsBackWhatFailed() {
    assertThatThrownBy(() ->
            catalog.transaction(transaction -> {
              transaction.execute(Statement.of("insert into t values ('a', 7)"));
              throw new IllegalStateException("the work failed");
            }))
        .isInstanceOf(IllegalStateException.class);
    assertThat(run("select * from t").size()).isZero();
  }

  @Test
  void aTransactionIsOverWhenItIsOver() {
    Catalog[] leaked = new Catalog[1];
    catalog.transaction(transaction -> leaked[0] = transaction);
    assertThatThrownBy(() -> leaked[0].execute(Statement.of("select 1")))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void transactionsDoNotNest() {
    assertThatThrownBy(() -> catalog.transaction(outer -> outer.transaction(inner -> 1)))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aDeadlockIsAConflictForOneOfTheTwo() {
    run("insert into t values ('a', 1), ('b', 1)");
    CyclicBarrier bothHoldOne = new CyclicBarrier(2);
    try (ParallelCalls<@Nullable ErrorKind> calls = new ParallelCalls<>(2)) {
      calls.submit(() -> lockBoth("a", "b", bothHoldOne));
      calls.submit(() -> lockBoth("b", "a", bothHoldOne));
      assertThat(calls.results()).containsExactlyInAnyOrder(null, ErrorKind.CONFLICT);
    }
  }

  private @Nullable ErrorKind lockBoth(String first, String second, CyclicBarrier bothHoldOne) {
    Statement update = Statement.of("update t set n = n + 1 where id = :id");
    try {
      catalog.transaction(transaction -> {
        transaction.execute(update.text("id", first));
        try {
          bothHoldOne.await(30, TimeUnit.SECONDS);
        } catch (Exception e) {
          throw new IllegalStateException(e);
        }
        return transaction.execute(
            Statement.of("update t set n = n + 1 where id = :id").text("id", second));
      });
      return null;
    } catch (SheafException e) {
      return e.kind();
    }
  }

  private Rows run(String sql) {
    return catalog.execute(Statement.of(sql));
  }

  private Rows.Row select(Statement statement) {
    return catalog.execute(statement).first().orElseThrow();
  }

  private static void assertKind(ErrorKind kind, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(SheafException.class, e -> assertThat(e.kind()).isEqualTo(kind));
  }
}
