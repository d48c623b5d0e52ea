-- Requests to follow the peers at once, without waiting for the schedule. One row.
create table follow_requests (
  only_one boolean primary key default true check (only_one),
  -- The number of the last request.
  asked bigint not null default 0,
  -- Up to which number a run that began after the request has come to its end.
  done bigint not null default 0,
  ended_at timestamptz,
  -- What that run came to: an array of {host, caught_up, applied, failed, error}.
  peers jsonb not null default '[]'
);
insert into follow_requests default values;
