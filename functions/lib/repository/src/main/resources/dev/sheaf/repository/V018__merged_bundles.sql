-- Bundles that stand for many small ones in plans of clones (dev.sheaf.repository.merge): derived, each site's own.
create table merged_bundles (
  repo_id text collate "C" not null,
  -- SHA-256 of its bytes, 64 hex digits: merged/<owner>/<repo>/<merged>
  merged text collate "C" not null,
  size_bytes bigint not null,
  -- How many bundles it stands for.
  bundles integer not null,
  created_at timestamptz not null,
  -- When a larger one took its place; it stays until clones that began before are over.
  retired_at timestamptz,
  primary key (repo_id, merged)
);
-- The merged bundle that a bundle is in; null for none.
alter table bundles add column merged_into text collate "C";
create index bundles_merged on bundles (repo_id, merged_into) where merged_into is not null;
