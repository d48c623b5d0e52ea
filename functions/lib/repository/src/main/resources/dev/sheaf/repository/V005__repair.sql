-- Repair looks after what the catalog says to be in the bucket.

-- As the store has it; null until somebody has proven the bundle and noted it.
alter table bundles add column etag text collate "C";

-- One row a cycle, kept as its log; the newest one is resumed when it has not ended.
create table repair_trackers (
  started_at timestamptz primary key,
  updated_at timestamptz not null,
  finished_at timestamptz,
  cleanup_mode boolean not null,
  -- Counts 1, 2, 3, 4, 1, ...; 1 is a cleanup.
  cursor_i integer not null,
  -- The last of each kind that has been seen to.
  cursor_bundle text collate "C" not null default '',
  cursor_pack text collate "C" not null default '',
  cursor_object text collate "C" not null default '',
  counters jsonb not null,
  content_size bigint not null,
  duration_nanos bigint not null,
  -- Why the last listing was not believed; null when it was.
  listing_refused text,
  aborted_reason text not null default ''
);

-- One runner at a time, by the clock of this database.
create table repair_state (
  only_one boolean primary key default true check (only_one),
  holder text collate "C",
  held_until timestamptz,
  -- Keys that the last complete listing has seen.
  listed_entries bigint not null default 0,
  -- The last object that was read whole in turn.
  scrubbed text collate "C" not null default ''
);
insert into repair_state default values;

-- What is missing and could not be brought back, since when, and whether that was declared a loss.
create table lost (
  kind text collate "C" not null check (kind in ('bundle', 'pack', 'object')),
  -- Of an object its id; of a bundle repo_id/bundle.
  id text collate "C" not null,
  key text collate "C" not null,
  reason text not null,
  failed_cycles integer not null,
  first_failed_at timestamptz not null,
  last_failed_at timestamptz not null,
  -- The cycle that failed last, so that one counts once.
  last_cycle timestamptz not null,
  -- Whether every other site has been asked and has said that it has not got it.
  exhaustive boolean not null,
  try_after timestamptz not null,
  declared_at timestamptz,
  recovered_at timestamptz,
  primary key (kind, id)
);
create index lost_open on lost (kind, id) where recovered_at is null;
