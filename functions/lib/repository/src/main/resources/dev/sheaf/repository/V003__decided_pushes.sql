-- A job keeps what its push may do with branches and tags, so that a further attempt, a retry and an event that comes late
-- do what was decided when the push was announced, no more and no less.
alter table jobs
  -- bare: nobody has announced the upload; the bundle's own branches move, fast-forward only.
  -- own: announced without branches; as bare.
  -- moved: branches were moved before anybody had read the bundle (job_moves); the job checks whether they might.
  -- owed: as moved, but the job failed and they were taken back: still to be moved, unless a later push was faster.
  -- settled: everything has been moved; the job touches no branch and no tag.
  -- refused: the announcement was refused; the job makes nothing visible.
  add column decision text collate "C" not null default 'bare'
    check (decision in ('bare', 'own', 'moved', 'owed', 'settled', 'refused')),
  add column forced boolean not null default false,
  -- Not begun before, since its upload is about to be announced.
  add column not_before timestamptz,
  -- S3's sequencer: the same for each delivery of one upload's event. Null until an event has come.
  add column upload_id text collate "C",
  -- S3's LastModified of the upload that was announced; null when it was not.
  add column uploaded_at timestamptz;

update jobs set
  decision = case
    when status = 'done' then 'settled'
    when payload ->> 'announced' = 'true' then case status when 'failed' then 'owed' else 'moved' end
    else 'bare' end,
  forced = payload ->> 'force' = 'true',
  upload_id = payload ->> 'upload_id';

alter table jobs drop column payload;

-- One worker at a time in a repository: of two that claim at once, the second is refused here.
update jobs j set status = 'pending', claim_token = null
where status = 'running'
  and exists (select 1 from jobs o where o.repo_id = j.repo_id and o.status = 'running' and o.seq < j.seq);
create unique index jobs_running on jobs (repo_id) where status = 'running';
create index jobs_of_bundle on jobs (repo_id, bundle, seq desc);

alter table job_moves add column forced boolean not null default false;

-- The push that moved it last, as the seq of its job: what an older push asked for never undoes what a later one did.
alter table branches add column moved_by bigint not null default 0;
alter table git_refs add column moved_by bigint not null default 0;

-- Uploads that are to be announced, and those whose announcement was refused. Rows are of use for a while only: each new
-- one takes some that are past theirs with it.
create table uploads (
  repo_id text collate "C" not null,
  bundle text collate "C" not null,
  -- When an URL for it was last given out; null when it came without one.
  presigned_at timestamptz,
  -- S3's LastModified of the upload whose announcement was refused.
  refused_upload timestamptz,
  refusal text,
  expires_at timestamptz not null,
  primary key (repo_id, bundle)
);
create index uploads_expiry on uploads (expires_at);
