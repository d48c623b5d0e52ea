-- Of a lost object: how far the bundles of its repositories have been read for it (dev.sheaf.repair.Searched), as JSON; null before
-- the first time, and when it is to be looked for from the beginning.
alter table lost add column searched jsonb;
