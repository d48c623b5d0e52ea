package dev.sheaf.repository;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.ops.Action;
import dev.sheaf.ops.InlineOps;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Deletes repositories, so that it can be taken back: one that is deleted is hidden, here and, by
 * its record, at every site; all of it is where it was. What was accepted before goes on behind the
 * curtain, so nothing that was acknowledged is missing when it is taken back.
 *
 * <p>Its name stays taken until its bytes are gone ({@link Purges}): keys are made of names, so
 * whoever had the name earlier would find what another one left.
 */
public final class Deletions {
  /** How long a deletion can be taken back. */
  public static final Duration GRACE = Duration.ofDays(14);

  private final Catalog catalog;
  private final SiteLog log;

  /**
   * @param log tells other sites
   */
  public Deletions(Catalog catalog, SiteLog log) {
    this.catalog = catalog;
    this.log = log;
  }

  /**
   * What has become of a repository.
   *
   * @param deletedAt null for one that is there
   * @param purgedAt when its bytes began to go; null while it can be taken back
   */
  public record Deletion(@Nullable Instant deletedAt, @Nullable Instant purgedAt) {
    /** When its bytes go, if nobody takes it back; null for one that is there. */
    public @Nullable Instant bytesUntil() {
      return deletedAt == null ? null : deletedAt.plus(GRACE);
    }
  }

  /** Where a repository stands. */
  public Deletion of(String repoId) {
    return catalog
        .execute(
            Statement.of("select %s from repos where repo_id = :repo".formatted(COLUMNS))
                .text("repo", repoId))
        .first()
        .map(Deletions::deletion)
        .orElseThrow(() ->
            new SheafException(ErrorKind.NOT_FOUND, "repository " + repoId + " does not exist"));
  }

  /** Deletes a repository; one that is deleted stays so, since the same time. */
  public Deletion delete(String repoId, Instant now) {
    set(repoId, now.toString(), "deleted_at is null", now);
    return of(repoId);
  }

  /**
   * Takes a deletion back; nothing happens to a repository that is there.
   *
   * @throws SheafException of kind CONFLICT when its bytes have begun to go
   */
  public Deletion undo(String repoId, Instant now) {
    set(repoId, null, "deleted_at is not null and purged_at is null", now);
    Deletion left = of(repoId);
    if (left.deletedAt() != null) {
      throw new SheafException(
          ErrorKind.CONFLICT,
          "the repository was deleted at %s and its bytes began to go at %s: it cannot be taken back"
              .formatted(left.deletedAt(), left.purgedAt()));
    }
    return left;
  }

  private void set(String repoId, @Nullable String deletedAt, String condition, Instant now) {
    change(
        catalog,
        log,
        repoId,
        now,
        condition,
        "deleted_at = :value::timestamptz, listed_as = null",
        statement -> statement.text("value", deletedAt));
  }

  /** Binds what a change names. */
  interface Binder {
    Statement to(Statement statement);
  }

  /**
   * Changes the row of a repository where a condition holds, and tells of it.
   *
   * @return whether it held
   */
  static boolean change(
      Catalog catalog,
      SiteLog log,
      String repoId,
      Instant now,
      String condition,
      String change,
      Binder binder) {
    InlineOps ops = log.ops(now);
    String op =
        ops.appendOne(
            Action.UPDATE,
            Travelling.REPOS.name(),
            "suffix",
            "changed",
            Travelling.record(Travelling.REPOS, "changed"));
    String stamped = "exists (select 1 from repos where repo_id = :repo and " + condition + ")";
    Statement statement =
        Statement.of(
            """
            with %s, changed as (
              update repos set %s, op_ulid = coalesce(%s || :suffix, op_ulid)
              where repo_id = :repo and %s
              returning *
            ), told as (
              %s
            )
            select 1::bigint as n from changed
            """
                .formatted(InlineOps.stamp(stamped), change, ops.prefix(), condition, op));
    return catalog
            .execute(
                binder
                    .to(ops.bindStamp(statement))
                    .text("repo", repoId)
                    .text("suffix", ops.suffix()))
            .size()
        > 0;
  }

  /** Says why a name cannot be had. */
  static SheafException nameIsTaken(String owner, String name, Deletion deletion) {
    Instant until = deletion.bytesUntil();
    return new SheafException(
        ErrorKind.CONFLICT,
        ("%s/%s was deleted at %s and keeps its name until its bytes are gone, soon after %s: push"
                + " under another name, or take it back with 'sheaf delete --undo'")
            .formatted(owner, name, deletion.deletedAt(), until));
  }

  /** The columns that {@link #deletion} reads. */
  static final String COLUMNS = stamp("deleted_at") + ", " + stamp("purged_at");

  private static String stamp(String column) {
    return "to_char(%1$s at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') as %1$s"
        .formatted(column);
  }

  static Deletion deletion(Rows.Row row) {
    return new Deletion(
        instant(row.textOrNull("deleted_at")), instant(row.textOrNull("purged_at")));
  }

  private static @Nullable Instant instant(@Nullable String text) {
    return text == null ? null : Instant.parse(text);
  }
}
