package dev.sheaf.storage.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SqlScriptTest {
  @Test
  void splitsAtSemicolonsThatEndStatements() {
    assertThat(
            SqlScript.statements(
                """
                -- it's a comment; with an end
                create table a (x text default 'se;mi''colon');
                create function f() returns int language sql as $body$
                  select 1; -- inside
                $body$;
                do $$ begin perform 1; end $$;
                ;
                insert into "odd;name" values (1) -- no end\
                """))
        .containsExactly(
            "create table a (x text default 'se;mi''colon')",
            """
            create function f() returns int language sql as $body$
              select 1; -- inside
            $body$\
            """,
            "do $$ begin perform 1; end $$",
            "insert into \"odd;name\" values (1)");
  }

  @Test
  void anEmptyScriptHasNoStatements() {
    assertThat(SqlScript.statements(" \n-- nothing\n;")).isEmpty();
  }
}
