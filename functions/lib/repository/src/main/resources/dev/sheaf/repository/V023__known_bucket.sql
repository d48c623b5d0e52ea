-- Whether every repository that the bucket has on record is in this catalog (dev.sheaf.repository.KnownBucket): not so in one
-- that was made in the place of a lost one. Until that is known, no repository is made.
create table known_bucket (
  only_one boolean primary key default true check (only_one),
  is_known boolean not null
);
insert into known_bucket (is_known) select exists (select from repos);
