-- Git repositories are kept as packs, and a bundle in the msgpack format says nothing of git's refs any more.
drop table dialect_refs;
-- Only tags needed to know whether their push was forced; of branches job_moves knows.
alter table jobs drop column forced;
