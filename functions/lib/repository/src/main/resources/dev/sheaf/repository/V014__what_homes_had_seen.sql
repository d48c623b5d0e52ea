-- What each home knew of the ops of others when it took over (dev.sheaf.repository.HomeFence): it travels with the repository, so
-- that those know it too whom a snapshot told of the new home.
alter table repos add column seen jsonb;
