-- A repository that is deleted is hidden and keeps its name, until its bytes go (dev.sheaf.repository.Deletions).
alter table repos
  add column deleted_at timestamptz,
  -- When its bytes and rows began to go: from then on it cannot be taken back, and nobody writes to it.
  add column purged_at timestamptz;
create index repos_deleted on repos (deleted_at) where deleted_at is not null;
