create table third (a text);
insert into nowhere values (1);
