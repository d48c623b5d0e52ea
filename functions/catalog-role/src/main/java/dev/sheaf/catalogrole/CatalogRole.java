package dev.sheaf.catalogrole;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;

/**
 * The Postgres role of a site's functions: it may log in, and keep tables in schema {@code public}
 * of one database, which it owns and migrates. It is no superuser and can make neither roles nor
 * databases.
 *
 * <p>Made over and over with the same outcome: a role that is there gets the password anew, tables
 * that the master made for the site, before there was a role, become the role's.
 */
final class CatalogRole {
  /**
   * No colon in it, for the Data API takes what follows one for a parameter; those come through
   * settings of the transaction, so that no statement bears the password.
   */
  private static final String MAKE =
      """
      do $make$
      declare
        role_name text = current_setting('sheaf.role');
        item record;
      begin
        if role_name = current_user then
          raise exception 'the master secret is that of role %, which it should make', role_name;
        end if;
        if not exists (select from pg_roles where rolname = role_name) then
          execute format('create role %I', role_name);
        end if;
        execute format('alter role %I login password %L', role_name, current_setting('sheaf.password'));
        -- Whoever gives a table to a role must be a member of it.
        execute format('grant %I to current_user', role_name);
        execute format('grant usage, create on schema public to %I', role_name);
        for item in
          select t.relname as name, pg_get_userbyid(v.relowner) as owner
          from pg_class v
          join pg_class t on t.relnamespace = v.relnamespace and t.relowner = v.relowner
          where v.oid = to_regclass('public.schema_version') and t.relkind in ('r', 'p')
        loop
          if item.owner = current_user then
            execute format('alter table public.%I owner to %I', item.name, role_name);
          elsif item.owner <> role_name then
            raise exception 'database % holds the catalog of role %; give this site a database of its own (context value catalogDatabase)',
              current_database(), item.owner;
          end if;
        end loop;
      end
      $make$\
      """;

  private final Catalog asMaster;
  private final Catalog asRole;

  /**
   * @param asMaster the database as a user who may make roles and owns the database
   * @param asRole the same database as the role
   */
  CatalogRole(Catalog asMaster, Catalog asRole) {
    this.asMaster = asMaster;
    this.asRole = asRole;
  }

  /**
   * Makes the role, or makes it right, and tries it.
   *
   * @throws SheafException naming what the database refused
   */
  void make(String role, String password) {
    asMaster.transaction(transaction -> {
      transaction.execute(
          Statement.of(
                  "select set_config('sheaf.role', :role, true) as role,"
                      + " set_config('sheaf.password', :password, true) is not null as given")
              .text("role", role)
              .text("password", password));
      return transaction.execute(Statement.of(MAKE)).updated();
    });
    require(role);
  }

  /** What the functions will find: refused now, the deploy fails and they stay as they are. */
  private void require(String role) {
    Rows.Row found =
        asRole
            .execute(
                Statement.of(
                    "select cast(current_user as text) as name,"
                        + " has_schema_privilege('public', 'create') as may"))
            .first()
            .orElseThrow();
    if (!found.text("name").equals(role)) {
      throw new SheafException(
          ErrorKind.INVALID,
          "the role's secret opens the database as %s, not as %s; correct its username"
              .formatted(found.text("name"), role));
    }
    if (!found.flag("may")) {
      throw new SheafException(
          ErrorKind.FORBIDDEN,
          "role %s may not make tables in schema public; let the database's owner make the role"
              .formatted(role));
    }
  }
}
