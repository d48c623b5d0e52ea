package dev.sheaf.repository;

import dev.sheaf.repository.column.PgArray;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Puts on the list of public repositories what other sites have told: that one is public, or has
 * another name. The list is changed first and the catalog notes it after that, so whoever dies in
 * between leaves a list that names too many, and the next one does it again. Of what this site
 * decides itself its routes see to the list.
 */
public final class PublicListing {
  private static final int AT_ONCE = 1_000;

  private final Catalog catalog;
  private final String self;

  /**
   * @param self this site's URL
   */
  public PublicListing(Catalog catalog, String self) {
    this.catalog = catalog;
    this.self = self;
  }

  /**
   * Costs one statement where nothing has changed. Leaves the rest of very many to the next call.
   */
  public void bringUpToDate(PublicRepos list) {
    Set<String> added = new TreeSet<>();
    Set<String> removed = new TreeSet<>();
    List<String> changed = new ArrayList<>();
    List<@Nullable String> names = new ArrayList<>();
    for (Rows.Row row : changed()) {
      String owner = row.text("owner") + "/";
      if (row.flag("is_public")) {
        added.add(owner + row.text("shown"));
        added.add(row.text("repo_id"));
        names.add(row.text("shown"));
      } else {
        removed.add(row.text("repo_id"));
        if (!row.flag("is_anothers")) {
          removed.add(owner + row.text("listed_as"));
        }
        names.add(null);
      }
      changed.add(row.text("repo_id"));
    }
    if (!changed.isEmpty()) {
      list.change(added, removed);
      note(changed, names);
    }
  }

  private Rows changed() {
    return catalog.execute(
        Statement.of(
                """
                (select repo_id, owner, shown, listed_as, true as is_public, false as is_anothers
                  from repos
                  where public and deleted_at is null and listed_as is distinct from shown
                  order by repo_id limit :some)
                union all
                (select repo_id, owner, shown, listed_as, false as is_public, exists (
                    select 1 from repos k where k.owner = r.owner and k.shown = r.listed_as
                      and k.public and k.deleted_at is null) as is_anothers
                  from repos r
                  where listed_as is not null and (not public or deleted_at is not null)
                    and home is distinct from :self
                  order by repo_id limit :some)
                """)
            .number("some", AT_ONCE)
            .text("self", self));
  }

  private void note(List<String> changed, List<@Nullable String> names) {
    catalog.execute(
        Statement.of(
                """
                update repos r set listed_as = n.name
                from unnest(:repos::text[], :names::text[]) as n (repo_id, name)
                where r.repo_id = n.repo_id
                """)
            .text("repos", PgArray.texts(changed))
            .text("names", PgArray.nullableTexts(names)));
  }
}
