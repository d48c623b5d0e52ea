-- Of a repository whose home is here and came back after its catalog was lost (dev.sheaf.repository.Tenure), as ulids; null where
-- nothing was ever lost.
alter table repos
  -- The end of the lost log when what came back was written down.
  add column rebuilt_as_of text collate "C",
  -- When it was rebuilt.
  add column rebuilt_at text collate "C";

-- Repositories that peers say this site is the home of, and that it did not know (dev.sheaf.repository.LostHomes).
create table lost_homes (repo_id text collate "C" primary key);
