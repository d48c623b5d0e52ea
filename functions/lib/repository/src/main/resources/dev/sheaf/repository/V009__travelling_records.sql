-- What sites tell one another of repositories, bundles and branches (dev.sheaf.repository.Travelling). Each record knows the op
-- that last wrote it; null where that was before there were ops, or on a site that nobody follows.
alter table repos
  -- The one site that accepts its writes, by its URL; null: whoever is asked.
  add column home text collate "C",
  -- Grows when the home changes, see Epoch.
  add column epoch bigint not null default 0,
  -- The site that made it, by its URL; empty where nobody follows.
  add column made_at text collate "C" not null default '',
  add column op_ulid text collate "C";
alter table repos alter column created_at set default now();

alter table bundles
  -- awaited: a peer told of it, and its bytes are not here yet.
  drop constraint bundles_state_check,
  add constraint bundles_state_check check (state in ('awaited', 'pending', 'indexed', 'failed')),
  -- Its number where it was pushed: there parents are before children.
  add column ordinal bigint,
  add column op_ulid text collate "C",
  -- Null until its bytes are here: each site numbers what it takes in.
  alter column seq drop not null,
  alter column state set default 'awaited',
  alter column registered_at set default now();

alter table branches
  -- That of the repository's home when it moved it.
  add column epoch bigint not null default 0,
  add column op_ulid text collate "C";
alter table branches alter column updated_at set default now();
