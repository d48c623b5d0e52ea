create table first (a text); -- and a comment
insert into first values ('one;two');
