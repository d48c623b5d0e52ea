-- The operation log of a site, and how far it and its peers have read one another's. Ulids are texts in byte order.

-- What this site did, and what it has taken over from its peers.
create table ops (
  -- Where it stands in this site's log: a ulid that grows with each commit, never below its own ulid.
  position text collate "C" primary key,
  ulid text collate "C" not null unique,
  -- The site that made it.
  host text collate "C" not null,
  action text collate "C" not null,
  "table" text collate "C" not null,
  data jsonb not null
);
-- The newest op of each table, and the own ones alone.
create index ops_of_table on ops ("table", position);
create index ops_of_host on ops (host, position);

-- One row, locked by who appends until it commits: so no op ever appears below one that is visible already.
create table ops_tail (
  only_one boolean primary key default true check (only_one),
  last_millis bigint not null
);
insert into ops_tail (last_millis) values (0);

-- The greatest position that cleanup or retention has deleted, if any: who has read that far misses nothing.
create table ops_deleted (
  only_one boolean primary key default true check (only_one),
  position text collate "C" not null
);

-- How far we have read a peer.
create table cursors (
  host text collate "C" primary key,
  last_ulid text collate "C" not null,
  updated_at timestamptz not null
);

-- How far a peer has read us, by its own words.
create table peer_positions (
  host text collate "C" primary key,
  after text collate "C" not null,
  seen_at timestamptz not null
);

-- Ops that came and could not be applied; each tick tries them again.
create table failed_ops (
  ulid text collate "C" primary key,
  host text collate "C" not null,
  -- The peer that gave it to us.
  source text collate "C" not null,
  action text collate "C" not null,
  "table" text collate "C" not null,
  data jsonb not null,
  error text not null,
  attempts integer not null,
  failed_at timestamptz not null,
  tried_at timestamptz not null
);

-- Records that are gone, so that an older op does not bring them back.
create table tombstones (
  "table" text collate "C" not null,
  -- The record's key columns as a JSON array.
  key text collate "C" not null,
  -- Of the writer that deleted it; 0 where a record has none.
  epoch bigint not null default 0,
  op_ulid text collate "C" not null,
  primary key ("table", key)
);
create index tombstones_by_age on tombstones (op_ulid);

create table ops_counters (
  name text collate "C" primary key,
  value bigint not null
);

-- Snapshots of peers that are wanted or under way.
create table peer_snapshots (
  host text collate "C" primary key,
  -- Where the peer's log goes on behind it; null until its first page came.
  position text collate "C",
  -- What the next page is of, and where it begins; null until the first page came.
  "table" text collate "C",
  after text collate "C" not null default ''
);

-- Peers that could not be followed the last time.
create table peer_faults (
  host text collate "C" primary key,
  error text not null,
  failures integer not null,
  since timestamptz not null,
  failed_at timestamptz not null
);

-- Work of which one runner at a time does its part.
create table ops_leases (
  name text collate "C" primary key,
  -- Whoever has it, and until when; null when it is free.
  holder text collate "C",
  held_until timestamptz,
  -- When the work was last done, and by which version of the code.
  done_at timestamptz,
  done_version text collate "C"
);
