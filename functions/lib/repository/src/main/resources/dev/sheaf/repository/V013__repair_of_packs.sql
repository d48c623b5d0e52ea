-- Repair looks after the packs of git repositories, too.

-- As the store has them; null until somebody has proven the file and noted it.
alter table git_packs
  add column etag text collate "C",
  add column index_etag text collate "C",
  add column bitmap_etag text collate "C";

alter table repair_trackers add column cursor_git text collate "C" not null default '';

-- Of a git pack the id is repo_id/pack.pack.
alter table lost
  drop constraint lost_kind_check,
  add constraint lost_kind_check check (kind in ('bundle', 'pack', 'git', 'object'));
