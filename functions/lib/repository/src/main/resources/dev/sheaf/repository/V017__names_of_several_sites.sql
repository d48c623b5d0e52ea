-- Two sites that do not hear one another may make one name (dev.sheaf.repository.RepoNames). A column keeps its meaning in all keys
-- and in the jobs of uploads: name, with owner, is where a repository's keys are, fixed when this site first saw it.
alter table repos
  -- The name that it was given; the one that travels.
  add column told_name text collate "C",
  -- The last segment of its URL, here as everywhere: follows from what travels of all repositories of that name.
  add column shown text collate "C",
  alter column name drop not null,
  drop constraint repos_owner_name_key;
update repos set told_name = name, shown = name;
create unique index repos_shown on repos (owner, shown);
create index repos_name on repos (owner, name);
create index repos_told_name on repos (owner, told_name);
create index repos_shown_otherwise on repos (owner, told_name) where shown is distinct from told_name;
