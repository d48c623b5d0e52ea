alter table first add column b bigint;
