-- Which backups were made, for alerts and for `make doctor`: the files themselves lie elsewhere.

create table private.backups (
    id bigint generated always as identity primary key,
    moment timestamptz not null,
    recorded_at timestamptz not null default now(),
    file_name text not null,
    bytes bigint not null,
    seconds double precision not null,
    schema_version text not null,
    tables integer not null,
    row_count bigint not null,
    files integer not null,
    files_missing integer not null default 0,
    constraint backups_file_name unique (file_name)
);
create index backups_moment on private.backups (moment desc);
comment on table private.backups is 'Backups that were made with `make backup`, read back and found complete. One that failed has no row.';
comment on column private.backups.id is 'Our number.';
comment on column private.backups.moment is 'When its snapshot was taken: what came later is not in it.';
comment on column private.backups.recorded_at is 'When it had been read back.';
comment on column private.backups.file_name is 'Name of the file, without its folder.';
comment on column private.backups.bytes is 'Size of the file.';
comment on column private.backups.seconds is 'How long it took, with the check.';
comment on column private.backups.schema_version is 'The newest migration in it.';
comment on column private.backups.tables is 'How many tables it has.';
comment on column private.backups.row_count is 'How many rows.';
comment on column private.backups.files is 'How many stored files of pipelines.';
comment on column private.backups.files_missing is 'How many files had a row and no bytes any more.';
alter table private.backups enable row level security;
revoke all on private.backups from public, anon, authenticated;
grant select on private.backups to service_role;
