-- Git repositories are kept as packs, with their refs in rows. What a bundle in the msgpack format says of git's refs stays
-- apart from that.
alter table git_refs rename to dialect_refs;
alter table dialect_refs rename constraint git_refs_pkey to dialect_refs_pkey;

alter table repos
  -- Null until the first push is accepted, which decides it for good.
  add column kind text collate "C" check (kind in ('git', 'muse')),
  -- Counts the changes of a git repository: each one of its refs or its packs.
  add column git_sequence bigint not null default 0,
  -- Counts the folds that dropped objects: a push that began before one proves itself again.
  add column git_epoch bigint not null default 0,
  -- The change that the manifest in the bucket tells of, and that object's ETag; null when none was written.
  add column manifest_sequence bigint not null default 0,
  add column manifest_etag text collate "C";

update repos set kind = 'muse' where pushed_at is not null;

-- The packs of a git repository.
create table git_packs (
  repo_id text collate "C" not null,
  -- SHA-256 of the pack's bytes, 64 hex digits: git/<owner>/<repo>/<pack>.pack
  pack text collate "C" not null,
  -- The change (repos.git_sequence) that brought it.
  sequence bigint not null,
  size_bytes bigint not null,
  index_bytes bigint not null,
  -- 0 where it has none.
  bitmap_bytes bigint not null default 0,
  objects bigint not null,
  -- unreachable: what a fold found that no ref reached; pushes may build on it until it is dropped.
  origin text collate "C" not null check (origin in ('push', 'fold', 'peer', 'unreachable')),
  -- live: part of the repository. retired: replaced by a fold, kept until clones that began before are over.
  state text collate "C" not null check (state in ('live', 'retired')),
  created_at timestamptz not null,
  retired_at timestamptz,
  primary key (repo_id, pack),
  check ((state = 'retired') = (retired_at is not null))
);

create table git_refs (
  repo_id text collate "C" not null,
  -- The bytes of 'HEAD' or of a full ref name, which need not be UTF-8.
  name bytea not null,
  -- The object that it points to, 40 hex digits; null for a HEAD that names a branch.
  target text collate "C",
  -- What an annotated tag leads to in the end; null where the target is no tag.
  peeled text collate "C",
  -- The full name of the branch that HEAD names, which need not exist.
  symref bytea,
  -- The job that is to prove what the ref points to; null once that is proven.
  job_id text collate "C",
  updated_at timestamptz not null,
  primary key (repo_id, name),
  check ((target is null) <> (symref is null))
);
create index git_refs_unproven on git_refs (job_id) where job_id is not null;

-- Refs that a push moved before anybody had read its bundle, with what they were, to go back if it turns out to be at fault.
-- 'HEAD' among them moves when the job is done, and not before.
create table git_ref_moves (
  job_id text collate "C" not null,
  name bytea not null,
  target text collate "C" not null,
  forced boolean not null,
  -- Whether it is to move only together with the other such moves of the job.
  atomic boolean not null,
  -- All null when the push made the ref.
  previous_target text collate "C",
  previous_peeled text collate "C",
  previous_job text collate "C",
  primary key (job_id, name)
);
