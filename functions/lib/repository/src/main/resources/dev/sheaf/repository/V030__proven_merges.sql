-- As the store has a merged bundle; null for one of before.
alter table merged_bundles add column etag text collate "C";
