-- What a peer told of has no number until its bytes are here, and takes none of this index's room or time until then.
create unique index bundles_numbered on bundles (repo_id, seq) where seq is not null;
alter table bundles drop constraint bundles_repo_id_seq_key;
