-- A ref says that its repository has sent the object's bytes itself. Whether they need not be put into the store again
-- is told by what this repository did, never by what others did: else the work of a job would tell what others have.
alter table object_refs add column in_store boolean not null default true;

update object_refs r set in_store = false
from objects o where o.object_id = r.object_id and o.storage_uri = 'pending';

-- What a repository's jobs are still to put into the store.
create index object_refs_waiting on object_refs (repo_id, object_id) where not in_store;

-- Objects that a repository has sent and proven, on their way to becoming refs: they lie in the store and have their
-- row in objects, and nobody can read them by this. A job that ends for good, well or not, leaves none.
create table object_proofs (
  repo_id text collate "C" not null,
  object_id text collate "C" not null,
  -- The job whose attempts stage it; null for what came without a job.
  job_id text collate "C",
  created_at timestamptz not null,
  primary key (repo_id, object_id)
);
create index object_proofs_of_job on object_proofs (job_id) where job_id is not null;
