-- When an uploaded git bundle was deleted from the store, as its pack stands for it; null while it is there.
alter table bundles add column expired_at timestamptz;
create index bundles_kept on bundles (repo_id) where state = 'indexed' and expired_at is null;
