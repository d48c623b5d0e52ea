-- A bundle's name is asked for whole, and random: a tree of them is written all over and takes more than three times the room.
create index bundles_hashed on bundles using hash (bundle);
drop index bundles_by_content;
alter index bundles_hashed rename to bundles_by_content;
