package dev.sheaf.catalogrole;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.SheafException;
import dev.sheaf.repository.CatalogSchema;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** On a real Postgres, as a master without superuser's rights. */
class CatalogRoleTest {
  private static final String ROLE = "sheaf_tested";

  private RoleDatabase database;

  @BeforeEach
  void start() throws Exception {
    database = new RoleDatabase();
  }

  @AfterEach
  void stop() throws Exception {
    database.close();
  }

  private void make(String password) {
    // Lazily, for the role is not there yet: as the Data API, which opens nothing beforehand.
    new CatalogRole(database.as(RoleDatabase.MASTER), new Later()).make(ROLE, password);
  }

  /** The database as the role, from the first statement on. */
  private final class Later implements Catalog {
    @Override
    public Rows execute(Statement statement) {
      return database.as(ROLE).execute(statement);
    }

    @Override
    public <T extends @Nullable Object> T transaction(Function<Catalog, T> work) {
      return database.as(ROLE).transaction(work);
    }
  }

  @Test
  void theRoleMayKeepACatalogAndNothingElse() {
    make("one");
    CatalogSchema.migrations().apply(database.as(ROLE));
    assertThat(
            database.value(
                "select row(rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls,"
                    + " rolcanlogin) from pg_roles where rolname = 'sheaf_tested'"))
        .isEqualTo("(f,f,f,f,f,t)");
    assertThat(
            database.value(
                "select count(*) from pg_auth_members where member = 'sheaf_tested'::regrole"))
        .isEqualTo("0");
    for (String refused :
        List.of(
            "create role other",
            "create database other",
            "create schema other",
            "alter role master password 'mine'",
            "copy repos to program 'cat'",
            "select pg_read_file('PG_VERSION')",
            "select rolpassword from pg_authid",
            "set role master")) {
      assertThatThrownBy(() -> database.as(ROLE).execute(Statement.of(refused)))
          .as(refused)
          .isInstanceOf(SheafException.class)
          .hasMessageContaining("permission denied");
    }
  }

  @Test
  void aNewPasswordIsTakenOver() throws Exception {
    make("one");
    assertThat(database.opens(ROLE, "one")).isTrue();
    make("it's \\ $another$ %L");
    assertThat(database.opens(ROLE, "it's \\ $another$ %L")).isTrue();
    assertThat(database.opens(ROLE, "one")).isFalse();
  }

  @Test
  void makingItAgainChangesNothing() {
    make("one");
    CatalogSchema.migrations().apply(database.as(ROLE));
    String before = owners();
    make("one");
    make("one");
    assertThat(owners()).isEqualTo(before).doesNotContain("master");
  }

  /** A site from before there was a role: its tables were made by the master. */
  @Test
  void tablesOfTheMasterBecomeTheRoles() {
    CatalogSchema.migrations().apply(database.as(RoleDatabase.MASTER));
    assertThat(owners()).contains("repos master");
    make("one");
    assertThat(owners()).contains("repos sheaf_tested", "schema_version sheaf_tested");
    Catalog asRole = database.as(ROLE);
    CatalogSchema.migrations().apply(asRole);
    // As a migration would, and with the sequence behind an identity column.
    asRole.execute(Statement.of("alter table jobs add column later text"));
    asRole.execute(
        Statement.of(
            "insert into jobs (job_id, repo_id, job_type, bundle, status, created_at)"
                + " values ('j', 'r', 'index', 'b', 'pending', now())"));
  }

  /** Where there is no catalog, whatever the master keeps is the master's. */
  @Test
  void otherTablesOfTheMasterStayTheMasters() {
    database.as(RoleDatabase.MASTER).execute(Statement.of("create table mine (a text)"));
    make("one");
    assertThat(owners()).isEqualTo("mine master");
  }

  @Test
  void theCatalogOfAnotherSiteIsNotTaken() {
    new CatalogRole(database.as(RoleDatabase.MASTER), asOther()).make("sheaf_other", "two");
    CatalogSchema.migrations().apply(asOther());
    String before = owners();
    assertThatThrownBy(() -> make("one"))
        .hasMessageContaining("database sheaf holds the catalog of role sheaf_other")
        .hasMessageContaining("catalogDatabase");
    assertThat(owners()).isEqualTo(before);
    assertThat(database.value("select count(*) from pg_roles where rolname = 'sheaf_tested'"))
        .as("nothing of what failed is left")
        .isEqualTo("0");
  }

  private Catalog asOther() {
    return new Catalog() {
      @Override
      public Rows execute(Statement statement) {
        return database.as("sheaf_other").execute(statement);
      }

      @Override
      public <T extends @Nullable Object> T transaction(Function<Catalog, T> work) {
        return database.as("sheaf_other").transaction(work);
      }
    };
  }

  @Test
  void theMasterItselfIsNoRole() {
    assertThatThrownBy(() ->
            new CatalogRole(database.as(RoleDatabase.MASTER), new Later())
                .make(RoleDatabase.MASTER, "one"))
        .hasMessageContaining("the master secret is that of role master");
  }

  @Test
  void aSecretOfSomebodyElseIsNamed() {
    assertThatThrownBy(() ->
            new CatalogRole(database.as(RoleDatabase.MASTER), database.as(RoleDatabase.MASTER))
                .make(ROLE, "one"))
        .hasMessageContaining("opens the database as master, not as sheaf_tested");
  }

  /** A log of statements may be kept for long, and read by many. */
  @Test
  void noStatementBearsThePassword() {
    List<String> statements = new ArrayList<>();
    Catalog master = database.as(RoleDatabase.MASTER);
    Catalog heard =
        new Catalog() {
          @Override
          public Rows execute(Statement statement) {
            statements.add(statement.sql());
            return master.execute(statement);
          }

          @Override
          public <T extends @Nullable Object> T transaction(Function<Catalog, T> work) {
            return master.transaction(_ -> work.apply(this));
          }
        };
    new CatalogRole(heard, new Later()).make(ROLE, "a-password");
    assertThat(statements).hasSize(2).noneMatch(sql -> sql.contains("a-password"));
    // The Data API takes a word behind a colon for a parameter, wherever it is.
    assertThat(statements.getLast()).doesNotContain(":");
  }

  private String owners() {
    return database.value(
        "select coalesce(string_agg(tablename || ' ' || tableowner, ', ' order by tablename), '')"
            + " from pg_tables where schemaname = 'public'");
  }
}
