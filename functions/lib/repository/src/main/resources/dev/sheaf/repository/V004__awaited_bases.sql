-- Uploads that nobody announces are told of in any order. A job that failed since its bundle builds on what was not there
-- names the commit, snapshot or object that it missed, and runs again once another job has brought it.
alter table jobs add column awaits text collate "C";
create index jobs_awaiting on jobs (repo_id) where awaits is not null;

-- Every proof belongs to a job, and goes with it.
delete from object_proofs where job_id is null;
alter table object_proofs alter column job_id set not null;
