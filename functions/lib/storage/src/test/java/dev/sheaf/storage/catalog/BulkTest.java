package dev.sheaf.storage.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.localstack.servers.LocalServers;
import dev.sheaf.storage.counting.CountingCatalog;
import dev.sheaf.storage.counting.RequestCounts;
import dev.sheaf.storage.wiring.Site;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Splitting writes and reads, against the limits of a real Data API. */
class BulkTest {
  private final RequestCounts counts = new RequestCounts();
  private Catalog catalog;

  @BeforeEach
  void makeCatalog() throws Exception {
    catalog = new CountingCatalog(Site.from(LocalServers.shared().newSite()).catalog(), counts);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void anEstimatedSizeIsNeverTooSmall(long seed) {
    Random random = new Random(seed);
    // Parameters that fill a request to its last estimated byte: the server must take it.
    int[] alphabet = {'a', '"', '\\', '\n', 1, 'é', '€', 0x1F600};
    StringBuilder text = new StringBuilder();
    while (EncodedSize.ofText(text.toString()) < 100_000) {
      for (int i = 0; i < 1_000; i++) {
        text.appendCodePoint(alphabet[random.nextInt(alphabet.length)]);
      }
    }
    Statement statement =
        Statement.of("select length(:t) as t, length(:b::bytea) as b")
            .text("t", text.toString())
            .bytes("b", new byte[0]);
    int room = (int) ((EncodedSize.REQUEST_LIMIT - EncodedSize.of(statement)) / 4 * 3);
    byte[] bytes = new byte[room];
    random.nextBytes(bytes);
    statement.bytes("b", bytes);
    assertThat(EncodedSize.of(statement)).isGreaterThan(EncodedSize.REQUEST_LIMIT - 8);
    assertThat(catalog.execute(statement).first().orElseThrow().number("b")).isEqualTo(room);
  }

  @Test
  void readsAnyNumberOfRowsInPagesThatFit() {
    catalog.execute(
        Statement.of(
            "create table v as select lpad(i::text, 6, '0') as id, repeat('x', i % 3000) as v"
                + " from generate_series(1, 5000) i"));
    List<String> ids = new ArrayList<>();
    new PagedRead<String>(
            (after, limit) ->
                Statement.of("select id, v from v where id > :after order by id limit :limit")
                    .text("after", after)
                    .number("limit", limit),
            row -> row.text("id"),
            3_000)
        .forEach(catalog, "", row -> ids.add(row.text("id")));
    assertThat(ids).isEqualTo(IntStream.rangeClosed(1, 5_000).mapToObj("%06d"::formatted).toList());
    // 7.5 MB in pages of at most 1 MiB; each halving costs one request more.
    assertThat(counts.catalog()).isBetween(9L, 30L);
  }

  @Test
  void aRowThatFitsIntoNoPageIsNamed() {
    catalog.execute(Statement.of("create table w as select 'zz' as id, repeat('x', 70000) as v"));
    PagedRead<String> read =
        new PagedRead<>(
            (after, limit) ->
                Statement.of("select id, v from w where id > :after order by id limit :limit")
                    .text("after", after)
                    .number("limit", limit),
            row -> row.text("id"),
            10);
    assertThatThrownBy(() -> read.forEach(catalog, "start", row -> {}))
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.TOO_LARGE))
        .hasMessageContainingAll("start", "slices");
  }
}
