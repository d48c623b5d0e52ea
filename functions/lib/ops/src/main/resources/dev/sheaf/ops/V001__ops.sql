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
  op_ulid text collate "C" not null,
  primary key ("table", key)
);
create index tombstones_by_age on tombstones (op_ulid);

create table ops_counters (
  name text collate "C" primary key,
  value bigint not null
);
