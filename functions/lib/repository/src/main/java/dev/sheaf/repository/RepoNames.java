package dev.sheaf.repository;

import dev.sheaf.storage.catalog.Catalog;
import java.util.List;

/**
 * Names of repositories. One that two sites gave while they did not hear one another stays with the
 * repository that got it first; the other one is shown as {@code name~site}, after the site that
 * made it. That follows from the records that travel, whatever their order: so all sites show the
 * same, and change it together with the records.
 *
 * <p>Where a repository's keys are does not change: it is fixed when a site first sees it, and is
 * its name unless somebody else's keys are there.
 */
final class RepoNames {
  /**
   * What {@code site} is in a name: the URL without its scheme, in letters that a name may have.
   */
  private static final String SITE =
      """
      coalesce(nullif(trim('-.' from left(regexp_replace(regexp_replace(
        lower(made_at), '^[a-z]+://', ''), '[^a-z0-9.]+', '-', 'g'), 60)), ''), 'elsewhere')\
      """;

  /**
   * Repositories of each name that one of them is not shown by: it is new, its name is, or there
   * are several.
   */
  private static final String NAMED =
      """
      with taken as (
        select distinct owner, told_name from repos where shown is distinct from told_name
      ), named as (
        select repo_id, case
            when nth = 1 then told_name
            when nth_there = 1 then told_name || '~' || site
            else told_name || '~' || site || '-' || left(md5(repo_id), 12) end as to_be_shown
        from (
          select *, row_number() over (partition by owner, told_name
              order by since, repo_id) as nth,
            row_number() over (partition by owner, told_name, site
              order by since, repo_id) as nth_there
          from (
            select repo_id, owner, told_name, coalesce(named_at, created_at) as since, %s as site
            from repos join taken using (owner, told_name)) of_sites) ranked
      )
      """
          .formatted(SITE);

  /** Each name is free before it is given again. */
  static final List<String> SETTLING =
      List.of(
          NAMED
              + """
              update repos r set shown = null from named n
              where r.repo_id = n.repo_id and shown <> to_be_shown
              """,
          NAMED
              + """
              update repos r set shown = to_be_shown, name = coalesce(name, case
                  when to_be_shown = told_name and %s then told_name
                  else told_name || '~' || left(md5(r.repo_id), 12) end)
              from named n where r.repo_id = n.repo_id and shown is null
              """
                  .formatted(isFree("r.owner", "r.told_name")));

  private RepoNames() {}

  /** Gives names that nobody has any more to whoever is next. */
  static void settle(Catalog catalog) {
    catalog.transaction(transaction -> {
      Travelling.REPOS.settle(transaction);
      return null;
    });
  }

  /** Whether nobody's keys are at a place, in SQL. */
  private static String isFree(String owner, String name) {
    return "not exists (select 1 from repos k where k.owner = %s and k.name = %s)"
        .formatted(owner, name);
  }

  /** Where the keys of a repository are that is made here, in SQL. */
  static String place(String owner, String name, String repoId) {
    return "case when %s then %s else %s || '~' || left(md5(%s), 12) end"
        .formatted(isFree(owner, name), name, name, repoId);
  }
}
