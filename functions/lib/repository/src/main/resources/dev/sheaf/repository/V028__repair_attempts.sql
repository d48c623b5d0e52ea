-- What repair is trying at present (dev.sheaf.repair.Attempts): rows that are left say that the invocation did not come back.
create table repair_attempts (
  -- A key of the bucket, or what else is tried in its name.
  subject text collate "C" primary key,
  -- In a row of which none has come back.
  attempts integer not null,
  begun_at timestamptz not null
);
