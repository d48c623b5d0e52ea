-- When a cycle last listed the bucket, by what (list, inventory, or head where it asked key by key),
-- and how many keys it has seen of it so far.
alter table repair_trackers
  add column listed_at timestamptz,
  add column listed_by text not null default '',
  add column listed_keys bigint not null default 0;
