-- As the store has a prepared answer; null until somebody has proven it and noted it.
alter table packs add column etag text collate "C";
