package dev.sheaf.storage.catalog;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a catalog's schema up to date. Migrations are numbered from 1 without gaps, applied in
 * order, all missing ones in one transaction under an advisory lock, and noted in {@code
 * schema_version}. Once released a migration never changes: write a further one.
 */
public final class Migrations {
  private static final Logger log = LoggerFactory.getLogger(Migrations.class);
  private static final Pattern FILE_NAME = Pattern.compile("V(\\d{3})__([a-z0-9_]+)\\.sql");

  /** Any number that no other user of the database takes: "sheaf" in ASCII. */
  private static final long LOCK = 0x7368656166L;

  private final List<Migration> migrations;

  private record Migration(int version, String name, List<String> statements) {}

  private Migrations(List<Migration> migrations) {
    this.migrations = migrations;
  }

  /**
   * Reads migrations that lie beside a class.
   *
   * @param anchor the class in whose package the files are
   * @param fileNames {@code V001__name.sql}, {@code V002__...}, in order
   */
  public static Migrations beside(Class<?> anchor, String... fileNames) {
    return new Migrations(List.of()).and(anchor, List.of(fileNames));
  }

  /**
   * These migrations and one more, of another package: it keeps the name of its file there, whose
   * number counts in that package alone.
   *
   * @param anchor the class in whose package the file is
   */
  public Migrations and(Class<?> anchor, String fileName) {
    Matcher matcher = FILE_NAME.matcher(fileName);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("a migration is named " + fileName);
    }
    List<Migration> more = new ArrayList<>(migrations);
    more.add(
        new Migration(
            migrations.size() + 1, matcher.group(2), SqlScript.statements(read(anchor, fileName))));
    return new Migrations(more);
  }

  /** These migrations and further ones beside a class, their numbers going on from here. */
  public Migrations and(Class<?> anchor, List<String> fileNames) {
    Migrations all = this;
    for (String fileName : fileNames) {
      requireNumber(fileName, all.migrations.size() + 1);
      all = all.and(anchor, fileName);
    }
    return all;
  }

  private static void requireNumber(String fileName, int version) {
    Matcher matcher = FILE_NAME.matcher(fileName);
    if (!matcher.matches() || Integer.parseInt(matcher.group(1)) != version) {
      throw new IllegalArgumentException(
          "migration %d is named %s; expected V%03d__name.sql"
              .formatted(version, fileName, version));
    }
  }

  /** The version of a catalog that has everything. */
  public long latest() {
    return migrations.size();
  }

  /**
   * Applies what is missing; one request when nothing is.
   *
   * @throws SheafException of kind {@code CORRUPT} when the catalog is newer than this code
   */
  public void apply(Catalog catalog) {
    if (isUpToDate(catalog)) {
      return;
    }
    catalog.transaction(transaction -> {
      lock(transaction);
      transaction.execute(
          Statement.of(
              """
              create table if not exists schema_version (
                version bigint primary key,
                name text not null,
                applied_at timestamptz not null default now()
              )\
              """));
      applyAfter(version(transaction), transaction);
      return null;
    });
  }

  private boolean isUpToDate(Catalog catalog) {
    long version;
    try {
      version = version(catalog);
    } catch (SheafException e) {
      if (e.kind() == ErrorKind.SITE) {
        return false; // No table yet: a new catalog. Any other fault shows at the next statement.
      }
      throw e;
    }
    requireKnown(version);
    return version == migrations.size();
  }

  private void applyAfter(long version, Catalog transaction) {
    requireKnown(version);
    for (Migration migration : migrations.subList((int) version, migrations.size())) {
      log.info("migrating the catalog to version {} ({})", migration.version(), migration.name());
      migration.statements().forEach(sql -> transaction.execute(Statement.of(sql)));
      transaction.execute(
          Statement.of("insert into schema_version (version, name) values (:version, :name)")
              .number("version", migration.version())
              .text("name", migration.name()));
    }
  }

  private void requireKnown(long version) {
    if (version > migrations.size()) {
      throw new SheafException(
          ErrorKind.CORRUPT,
          "the catalog has schema version %d, this code knows up to %d; deploy the newer code"
              .formatted(version, migrations.size()));
    }
  }

  private static void lock(Catalog transaction) {
    // Cast because the Data API carries no void.
    transaction.execute(
        Statement.of("select pg_advisory_xact_lock(:lock)::text as locked").number("lock", LOCK));
  }

  private static long version(Catalog catalog) {
    return catalog
        .execute(Statement.of("select coalesce(max(version), 0) as version from schema_version"))
        .first()
        .orElseThrow()
        .number("version");
  }

  private static String read(Class<?> anchor, String fileName) {
    try (InputStream in = anchor.getResourceAsStream(fileName)) {
      if (in == null) {
        throw new IllegalArgumentException("no resource " + fileName + " beside " + anchor);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
