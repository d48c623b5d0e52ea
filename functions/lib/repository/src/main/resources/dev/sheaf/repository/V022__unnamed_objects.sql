-- Objects that no repository names any more go in two steps (dev.sheaf.repository.history.UnnamedObjects).

-- Objects that a repository has ceased to name: whether another one does is looked at later, one row for each time.
create table dropped_names (
  note bigint generated always as identity primary key,
  object_id text collate "C" not null
);

-- Since when an object is to go; whoever sends it meanwhile sends it as if it were not there, and takes the mark away.
alter table objects add column marked_at timestamptz;
create index objects_marked on objects (marked_at) where marked_at is not null;

-- Who names an object: a quarter of the room of a tree of ids.
create index object_refs_of_object on object_refs using hash (object_id);

-- Of repositories that went before.
insert into dropped_names (object_id)
select object_id from objects o
where not exists (select from object_refs r where r.object_id = o.object_id)
  and not exists (select from object_proofs p where p.object_id = o.object_id);
