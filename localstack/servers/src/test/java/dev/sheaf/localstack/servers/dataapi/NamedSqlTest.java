package dev.sheaf.localstack.servers.dataapi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NamedSqlTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '¦',
      quoteCharacter = '`',
      value = {
        "select :a, :b_2, :a              ¦ select ?, ?, ?              ¦ a,b_2,a",
        "select :a::text, x::int          ¦ select ?::text, x::int      ¦ a",
        "select ':a', \":a\", :a          ¦ select ':a', \":a\", ?      ¦ a",
        "select 'it''s :a' || :b          ¦ select 'it''s :a' || ?      ¦ b",
        "select E'it\\'s :a' || :b        ¦ select E'it\\'s :a' || ?    ¦ b",
        "select 1 -- :a                   ¦ select 1 -- :a              ¦ ``",
        "select 1 /* :a /* :b */ :c */+:d ¦ select 1 /* :a /* :b */ :c */+? ¦ d",
        "select $$ :a $$, $x$ :b $$ $x$, :c ¦ select $$ :a $$, $x$ :b $$ $x$, ? ¦ c",
        "select j ? :k                    ¦ select j ?? ?               ¦ k",
        "select a[1:2], :b                ¦ select a[1:2], ?            ¦ b",
        "select $1, :b                    ¦ select $1, ?                ¦ b",
        "select :a;                       ¦ select ?                    ¦ a",
        "select 1; -- :a                  ¦ select 1 -- :a              ¦ ``",
      })
  void findsParametersWhereTheyAre(String sql, String jdbc, String names) throws Exception {
    NamedSql parsed = NamedSql.parse(sql);
    assertThat(parsed.jdbc()).isEqualTo(jdbc);
    assertThat(String.join(",", parsed.names())).isEqualTo(names);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"select 1; select 2", "select 1; 'x'", "begin; commit", "select ';'; select 1"})
  void refusesASecondStatement(String sql) {
    assertThatThrownBy(() -> NamedSql.parse(sql)).hasMessageContaining("Multistatements");
  }

  @Test
  void leavesOpenQuotesToTheServerToRefuse() throws Exception {
    assertThat(NamedSql.parse("select 'open :a").jdbc()).isEqualTo("select 'open :a");
    assertThat(NamedSql.parse("select $t$ open :a").jdbc()).isEqualTo("select $t$ open :a");
    assertThat(NamedSql.parse("select 1 /* open :a").jdbc()).isEqualTo("select 1 /* open :a");
  }
}
