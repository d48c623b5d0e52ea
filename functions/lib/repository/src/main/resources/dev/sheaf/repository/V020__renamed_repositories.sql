-- A repository keeps its keys and its id when it gets another name (dev.sheaf.repository.Renames).
alter table repos
  -- When it got the name that it has; null for one that was made with it. Of several that have one name it is for the first.
  add column named_at timestamptz,
  -- The name by which the list of public repositories in the bucket has it, as far as peer-sync knows.
  add column listed_as text collate "C";
create index repos_to_list on repos (repo_id)
  where public and deleted_at is null and listed_as is distinct from shown;
create index repos_to_unlist on repos (repo_id)
  where listed_as is not null and (not public or deleted_at is not null);
