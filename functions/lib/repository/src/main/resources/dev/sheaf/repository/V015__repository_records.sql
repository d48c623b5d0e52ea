-- What was last written of each repository into the bucket (repos/<owner>/<repo>.json), for sheaf rebuild.
create table repo_records (
  repo_id text collate "C" primary key,
  -- Of what was written, as the catalog computes it.
  digest text collate "C" not null,
  etag text collate "C" not null
);
