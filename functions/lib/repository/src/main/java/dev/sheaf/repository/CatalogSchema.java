package dev.sheaf.repository;

import dev.sheaf.ops.OpLog;
import dev.sheaf.storage.catalog.Migrations;
import java.util.List;

/**
 * The tables of this package, as numbered SQL files beside this class, and those of the operation
 * log, which are of their own package.
 */
public final class CatalogSchema {
  private CatalogSchema() {}

  /** What brings a catalog up to date; every function applies it when it starts. */
  public static Migrations migrations() {
    return Migrations.beside(
            CatalogSchema.class,
            "V001__repositories.sql",
            "V002__proof_of_possession.sql",
            "V003__decided_pushes.sql",
            "V004__awaited_bases.sql",
            "V005__repair.sql",
            "V006__git_packs.sql",
            "V007__spent_uploads.sql")
        .and(OpLog.class, "V001__ops.sql")
        .and(
            CatalogSchema.class,
            List.of(
                "V009__travelling_records.sql",
                "V010__copied_bundles.sql",
                "V011__git_travels.sql",
                "V012__no_dialect.sql",
                "V013__repair_of_packs.sql",
                "V014__what_homes_had_seen.sql",
                "V015__repository_records.sql",
                "V016__deleted_repositories.sql",
                "V017__names_of_several_sites.sql",
                "V018__merged_bundles.sql"))
        .and(OpLog.class, "V002__follow_requests.sql")
        .and(
            CatalogSchema.class,
            List.of(
                "V020__renamed_repositories.sql",
                "V021__numbered_bundles.sql",
                "V022__unnamed_objects.sql",
                "V023__known_bucket.sql",
                "V024__hashed_bundles.sql",
                "V025__told_listings.sql",
                "V026__rebuilt_homes.sql",
                "V027__remembered_searches.sql",
                "V028__repair_attempts.sql",
                "V029__proven_answers.sql",
                "V030__proven_merges.sql"));
  }
}
