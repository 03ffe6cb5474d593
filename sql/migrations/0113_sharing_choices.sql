-- What each member of a team chose to keep in. Until now only the last choice was known, so whoever let less out could
-- afterwards let out more than a colleague before them had allowed.

create table public.sharing_choices (
    team_id uuid not null,
    chooser_id uuid not null,
    level text not null,
    set_at timestamptz not null default now(),
    constraint sharing_choices_pkey primary key (team_id, chooser_id),
    constraint sharing_choices_level check (level in ('texts_and_pictures', 'texts', 'nothing'))
);
create index sharing_choices_chooser_id on public.sharing_choices (chooser_id);
comment on table public.sharing_choices is 'Standing choices of what may leave for models, by team: the strictest is the team''s level in model_sharing. A choice of before this table has its row there alone, until the team''s level is next changed.';
comment on column public.sharing_choices.team_id is 'The team.';
comment on column public.sharing_choices.chooser_id is 'The member who chose it and alone may take it back; the team itself: an operator chose it, or whoever did is gone.';
comment on column public.sharing_choices.level is 'texts_and_pictures, texts or nothing.';
comment on column public.sharing_choices.set_at is 'When it was chosen.';
alter table public.sharing_choices enable row level security;
revoke all on public.sharing_choices from public, anon, authenticated;
grant select, insert, update, delete on public.sharing_choices to service_role;

comment on column public.model_sharing.level is 'texts_and_pictures, texts or nothing. A team''s: the strictest of its choices in sharing_choices. A person''s own counts beside their team''s.';
comment on column public.model_sharing.user_id is 'The designer who changed it last; NULL: an operator did, or they are gone.';
