-- Bundles that peers told of, until their bytes are here.
create index bundles_awaited on bundles (repo_id, ordinal) where state = 'awaited';
-- Peers ask for a bundle by its name alone.
create index bundles_by_content on bundles (bundle);

-- Bundles that nobody gave when they were asked for, so that they are asked for ever more seldom.
create table bundle_copies (
  repo_id text collate "C" not null,
  bundle text collate "C" not null,
  attempts integer not null,
  try_after timestamptz not null,
  primary key (repo_id, bundle)
);
