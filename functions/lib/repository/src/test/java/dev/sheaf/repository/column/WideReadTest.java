package dev.sheaf.repository.column;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.repository.CatalogTest;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.storage.counting.CountingCatalog;
import dev.sheaf.storage.counting.RequestCounts;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WideReadTest extends CatalogTest {
  private final Map<Long, byte[]> written = new LinkedHashMap<>();

  @BeforeEach
  void createTable() {
    written.clear();
    catalog.execute(Statement.of("drop table if exists wide"));
    catalog.execute(Statement.of("create table wide (id bigint, value bytea)"));
  }

  private void write(int... sizes) {
    for (int size : sizes) {
      byte[] value = new byte[size];
      new Random(written.size()).nextBytes(value);
      long id = written.size();
      written.put(id, value);
      catalog.execute(
          Statement.of("insert into wide values (:id, :value)")
              .number("id", id)
              .bytes("value", value));
    }
  }

  private RequestCounts readAll() {
    RequestCounts counts = new RequestCounts();
    List<Long> order = new ArrayList<>();
    Map<Long, byte[]> read = new LinkedHashMap<>();
    WideRead.read(
        new CountingCatalog(catalog, counts),
        "select id as n, value as data from wide",
        statement -> statement,
        (n, value) -> {
          order.add(n);
          read.put(n, value);
        });
    assertThat(order).containsExactlyElementsOf(written.keySet());
    written.forEach((id, value) -> assertThat(read.get(id)).isEqualTo(value));
    return counts;
  }

  @Test
  void readsNothing() {
    assertThat(readAll().catalog()).isEqualTo(1);
  }

  @Test
  void readsValuesOfAnyLength() {
    write(0, 1, 44_999, 45_000, 45_001, 0, 90_000, 1_500_000, 3, 700_000, 0);
    assertThat(readAll().catalog()).isLessThanOrEqualTo(5);
  }

  @Test
  void readsManySmallValuesTogether() {
    catalog.execute(
        Statement.of(
            "insert into wide select i, substr(sha256(i::text::bytea), 1, (i % 30)::int)"
                + " from generate_series(0, 9999) i"));
    List<Long> order = new ArrayList<>();
    RequestCounts counts = new RequestCounts();
    WideRead.read(
        new CountingCatalog(catalog, counts),
        "select id as n, value as data from wide",
        statement -> statement,
        (n, value) -> {
          assertThat(value).hasSize((int) (n % 30));
          order.add(n);
        });
    assertThat(order).hasSize(10_000).isSorted();
    assertThat(counts.catalog()).isLessThan(6);
  }
}
