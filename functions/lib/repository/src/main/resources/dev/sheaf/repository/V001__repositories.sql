-- What a repository is, in rows. Ids are texts in byte order (collate "C"): object ids are 64 hex digits, commit and
-- snapshot ids are whatever the client chose, at most 128 characters.
--
-- Rows that a bundle brings become visible in one transaction, objects first; nothing refers to a row that is not there.
-- That is the writer's duty, not that of foreign keys: they would cost one look-up per row of a bulk insert.

create table repos (
  repo_id text collate "C" primary key,
  owner text collate "C" not null,
  name text collate "C" not null,
  public boolean not null default false,
  -- Null until the first push.
  default_branch text collate "C",
  -- The seq of the repository's newest commit and bundle. The row is locked by whoever writes history or moves a branch.
  last_commit_seq integer not null default 0,
  last_bundle_seq integer not null default 0,
  created_at timestamptz not null,
  pushed_at timestamptz,
  unique (owner, name)
);

-- Contents, shared by all repositories.
create table objects (
  object_id text collate "C" primary key,
  size_bytes bigint not null,
  -- s3://bucket/key, or 'pending': the content is in content_cache until a job has put it into the store.
  storage_uri text collate "C" not null,
  -- As the PUT returned it; null when the object had been in the store before this catalog knew it.
  etag text collate "C",
  content_cache bytea,
  created_at timestamptz not null,
  check (storage_uri <> 'pending' or content_cache is not null)
);
-- Content is compressed by nobody before it gets here, but reading it in slices must not inflate it each time.
alter table objects alter column content_cache set storage external;

-- Which repository may read which object.
create table object_refs (
  repo_id text collate "C" not null,
  object_id text collate "C" not null,
  created_at timestamptz not null,
  primary key (repo_id, object_id)
);

-- A manifest is stored as a delta to another snapshot of the repository, or whole (a checkpoint, base_id null).
create table snapshots (
  repo_id text collate "C" not null,
  snapshot_id text collate "C" not null,
  base_id text collate "C",
  -- Number of deltas between this row and its checkpoint, which bounds what one read touches.
  depth integer not null,
  entry_count integer not null,
  -- Sizes in encoded form: of this row, of the deltas up to here together, and of the checkpoint below them. A new
  -- checkpoint is due when the deltas outgrow the old one.
  body_bytes bigint not null,
  chain_bytes bigint not null,
  checkpoint_bytes bigint not null,
  primary key (repo_id, snapshot_id),
  check ((base_id is null) = (depth = 0))
);

-- The encoded manifest or delta of a snapshot, cut so that each row can be read through the Data API (64 KB a row).
create table snapshot_chunks (
  repo_id text collate "C" not null,
  snapshot_id text collate "C" not null,
  part integer not null,
  data bytea not null,
  primary key (repo_id, snapshot_id, part)
);
alter table snapshot_chunks alter column data set storage external;

create table commits (
  repo_id text collate "C" not null,
  commit_id text collate "C" not null,
  -- Dense, from 1, parents before children: walks compare and page by it instead of following ids.
  seq integer not null,
  -- The seqs of the parents, first parent first.
  parents integer[] not null,
  -- The bundle that brought the commit.
  bundle_seq integer not null,
  snapshot_id text collate "C",
  -- For people who look at the table; cut to 200 characters. The record has them whole.
  branch text not null,
  author text not null,
  subject text not null,
  -- Null when the record's text is not a time.
  committed_at timestamptz,
  -- The whole commit as it came, encoded; readers cut it into slices when it is wide.
  record bytea not null,
  primary key (repo_id, commit_id),
  unique (repo_id, seq)
);
alter table commits alter column record set storage external;

create table branches (
  repo_id text collate "C" not null,
  name text collate "C" not null,
  -- May name a commit whose bundle is not indexed yet.
  head_commit_id text collate "C" not null,
  updated_at timestamptz not null,
  primary key (repo_id, name)
);

-- What git knows beyond branch heads: HEAD, the git ids of branches, tags with their tag objects.
create table git_refs (
  repo_id text collate "C" not null,
  -- 'HEAD' or a full ref name.
  name text collate "C" not null,
  -- For HEAD the ref that it names, otherwise the git id that the ref points to.
  target text collate "C" not null,
  -- The commit, peeled; null for HEAD.
  commit_id text collate "C",
  -- Raw annotated tag objects, outermost first, encoded; null for branches, light tags and HEAD.
  tags bytea,
  updated_at timestamptz not null,
  primary key (repo_id, name)
);

create table bundles (
  repo_id text collate "C" not null,
  -- SHA-256 of the wire bytes, 64 hex digits.
  bundle text collate "C" not null,
  -- Order of registration, dense, from 1.
  seq integer not null,
  size_bytes bigint not null,
  state text collate "C" not null check (state in ('pending', 'indexed', 'failed')),
  registered_at timestamptz not null,
  primary key (repo_id, bundle),
  unique (repo_id, seq)
);

create table jobs (
  job_id text collate "C" primary key,
  -- Order of creation.
  seq bigint generated always as identity,
  repo_id text collate "C" not null,
  job_type text collate "C" not null,
  bundle text collate "C" not null,
  payload jsonb not null,
  status text collate "C" not null check (status in ('pending', 'running', 'done', 'failed')),
  attempt integer not null default 0,
  -- Names the run that holds the job: a run that lost its claim can no longer finish it.
  claim_token text collate "C",
  claimed_at timestamptz,
  created_at timestamptz not null,
  done_at timestamptz,
  error text,
  result jsonb,
  check ((status = 'running') = (claim_token is not null))
);
-- One job at a time for a bundle.
create unique index jobs_active on jobs (repo_id, job_type, bundle) where status in ('pending', 'running');
-- The lane of a repository: its oldest job that is not over.
create index jobs_lane on jobs (repo_id, seq) where status in ('pending', 'running');
-- Newest jobs of a repository, and the last job of a bundle.
create index jobs_of_repo on jobs (repo_id, seq desc);

-- The branches that a push moved when its bundle was taken in unread, to take back if the bundle turns out to be at fault.
create table job_moves (
  job_id text collate "C" not null,
  branch text collate "C" not null,
  head_commit_id text collate "C" not null,
  -- Null when the push made the branch.
  previous_commit_id text collate "C",
  primary key (job_id, branch)
);

-- Prepared answers of large fetches, by what was asked.
create table packs (
  repo_id text collate "C" not null,
  -- SHA-256 of the canonical want/have lists, 64 hex digits.
  request text collate "C" not null,
  -- SHA-256 of the pack's bytes, 64 hex digits.
  pack text collate "C" not null,
  size_bytes bigint not null,
  created_at timestamptz not null,
  primary key (repo_id, request)
);
