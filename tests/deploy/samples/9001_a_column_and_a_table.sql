-- A column with a constant default, which changes no row, and a table with its index.
alter table public.answers add column sample_mark text not null default 'none';

create table public.sample_marks (
    code text primary key,
    seen_at timestamptz not null default now()
);
create index sample_marks_seen_at on public.sample_marks (seen_at);
alter table public.sample_marks enable row level security;
