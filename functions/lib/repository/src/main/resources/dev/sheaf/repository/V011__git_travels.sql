-- Refs and packs of git repositories travel between sites (dev.sheaf.repository.Travelling).
alter table git_refs
  -- What the site shows: the same as target and peeled, unless a peer told of a target whose objects are not here yet.
  add column shown_target text collate "C",
  add column shown_peeled text collate "C",
  -- Of the repository's home when it moved the ref; kept, with op_ulid, while a job is still to prove a move.
  add column epoch bigint not null default 0,
  add column op_ulid text collate "C";
alter table git_refs alter column updated_at set default now();
update git_refs set shown_target = target, shown_peeled = peeled;
create index git_refs_awaited on git_refs (repo_id) where target is distinct from shown_target;

-- Of the repository's home when the ref was moved: what is proven when another site has become the home is told as of then.
alter table git_ref_moves
  add column epoch bigint not null default 0,
  -- Whether the home has told something else of the ref since.
  add column superseded boolean not null default false;

alter table git_packs
  -- awaited: a peer told of it, and its bytes are not here yet.
  drop constraint git_packs_state_check,
  add constraint git_packs_state_check check (state in ('awaited', 'live', 'retired')),
  -- Its number where it was pushed: there packs come behind those that they build on.
  add column ordinal bigint,
  add column op_ulid text collate "C",
  alter column sequence set default 0,
  alter column index_bytes set default 0,
  alter column origin set default 'peer',
  alter column state set default 'awaited',
  alter column created_at set default now();
create index git_packs_awaited on git_packs (repo_id, ordinal) where state = 'awaited';
-- Peers ask for a pack by its name alone.
create index git_packs_by_content on git_packs (pack);

-- Packs that nobody gave when they were asked for, so that they are asked for ever more seldom; without a name: the list of all
-- packs of the repository.
create table pack_copies (
  repo_id text collate "C" not null,
  pack text collate "C" not null,
  attempts integer not null,
  try_after timestamptz not null,
  primary key (repo_id, pack)
);

-- What snapshots give to peers. A ref that a job is still to prove is what it was before; where that was not proven either, its
-- proof tells of it. A fold is each site's own.
create view git_refs_told as
  select r.repo_id, r.name, r.epoch, r.op_ulid, r.symref,
    case when r.job_id is null then r.target else m.previous_target end as target,
    case when r.job_id is null then r.peeled else m.previous_peeled end as peeled
  from git_refs r
    left join git_ref_moves m on m.job_id = r.job_id and m.name = r.name and m.previous_job is null
  where r.job_id is null or m.previous_target is not null;
create view git_packs_told as
  select * from git_packs where state <> 'retired' and (origin = 'push' or op_ulid is not null);
-- A git repository's bundles are uploads that its packs stand for.
create view bundles_told as
  select b.* from bundles b
  where (b.op_ulid is not null or b.state = 'indexed')
    and not exists (select 1 from repos r where r.repo_id = b.repo_id and r.kind = 'git');
