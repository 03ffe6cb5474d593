-- What founders set: the reporting zone, the product's settings, feature flags, the public profile.

create function private.recount_ai_cost_days() returns trigger
language plpgsql
security invoker
set search_path = ''
as $$
begin
    perform private.rebuild_ai_cost_daily(new.time_zone);
    return null;
end;
$$;
comment on function private.recount_ai_cost_days() is 'Trigger: ai_cost_daily_users by the days of a new reporting zone.';
revoke execute on function private.recount_ai_cost_days from public, anon, authenticated;

create table public.reporting_settings (
    id text primary key default 'reporting',
    time_zone text not null default 'UTC',
    week_start text not null default 'monday',
    updated_at timestamptz not null default now(),
    constraint reporting_settings_only check (id = 'reporting'),
    constraint reporting_settings_week_start check (week_start in ('monday', 'sunday'))
);
comment on table public.reporting_settings is 'One row: the time zone and the week start of every figure by day, week or month. Changed with set_reporting().';
comment on column public.reporting_settings.id is 'Always "reporting".';
comment on column public.reporting_settings.time_zone is 'An IANA name whose offset is whole hours, since the rollups are by whole UTC hours.';
comment on column public.reporting_settings.week_start is '"monday" or "sunday".';
comment on column public.reporting_settings.updated_at is 'When it was last changed.';
insert into public.reporting_settings default values;
create trigger reporting_settings_ai_cost after update on public.reporting_settings
    for each row when ((old.time_zone is distinct from new.time_zone))
    execute function private.recount_ai_cost_days();
create trigger reporting_settings_audit after insert or delete or update on public.reporting_settings
    for each row execute function private.audit();
alter table public.reporting_settings enable row level security;
revoke all on public.reporting_settings from public, anon, authenticated;
grant select, insert, update, delete on public.reporting_settings to service_role;
grant select on public.reporting_settings to authenticated;
create policy reporting_settings_select on public.reporting_settings for select to authenticated
    using ((select private.operator_role()) is not null);

create table public.product_settings (
    code text primary key,
    value jsonb,
    version integer not null default 1,
    updated_at timestamptz not null default now(),
    constraint product_settings_code check (code in ('triggers', 'guest_rule', 'answers_per_minute',
        'loop_breaker_replies', 'loop_breaker_window_seconds', 'author_replies_per_day', 'unbilled_microusd_per_day',
        'job_attempts', 'model_cost_ceiling_microusd'))
);
comment on table public.product_settings is 'Settings that founders change while the service runs; web and workers read them every few seconds. Without a row, or with a NULL value, the environment''s value is in force.';
comment on column public.product_settings.code is 'Which setting.';
comment on column public.product_settings.value is 'triggers: a list of words; guest_rule: invite, owner_pays or ignore; the others: a whole number. NULL: as in the environment.';
comment on column public.product_settings.version is 'Counts changes; a change must name the version it saw.';
comment on column public.product_settings.updated_at is 'When it last changed.';
create trigger product_settings_audit after insert or delete or update on public.product_settings
    for each row execute function private.audit();
alter table public.product_settings enable row level security;
revoke all on public.product_settings from public, anon, authenticated;
grant select, insert, update, delete on public.product_settings to service_role;
grant select on public.product_settings to authenticated;
create policy product_settings_select on public.product_settings for select to authenticated
    using ((select private.operator_role()) = 'founder');

create table public.feature_flags (
    code text primary key,
    name text not null,
    description text not null,
    is_on boolean not null
);
comment on table public.feature_flags is 'What can be switched per team. Each is read where the service does it; a new flag is a new migration.';
comment on column public.feature_flags.code is 'Key in teams.feature_flags.';
comment on column public.feature_flags.name is 'What operators read.';
comment on column public.feature_flags.description is 'What happens when it is on and off.';
comment on column public.feature_flags.is_on is 'For teams that say nothing of it, and for people without a team.';
insert into public.feature_flags (code, name, description, is_on) values
    ('design_reading', 'Read designs', 'The pinned frame is read at Figma and measured. Off: answers go by the words alone, say so, and use none of the team''s Figma quota.', true),
    ('model_answers', 'Ask AI models', 'Questions go to a model provider. Off: nothing leaves for one; every answer is a measured review, made by rules.', true),
    ('model_choice', 'Choose the model', 'The model picked in somebody''s context is asked first. Off: everybody in the team gets the usual order.', true),
    ('guest_invitations', 'Invite guests', 'People without an account who ask in files of the team are invited once per file. Off: they are ignored where the guest rule says invite.', true);
alter table public.feature_flags enable row level security;
revoke all on public.feature_flags from public, anon, authenticated;
grant select, insert, update, delete on public.feature_flags to service_role;
grant select on public.feature_flags to authenticated;
create policy feature_flags_select on public.feature_flags for select to authenticated
    using ((select private.operator_role()) = 'founder');

create table public.service_profile (
    is_only boolean primary key default true,
    sealing_key text not null,
    defaults jsonb not null,
    told_at timestamptz not null default now(),
    constraint service_profile_only check (is_only),
    constraint service_profile_sealing_key check (length(sealing_key) = 44)
);
comment on table public.service_profile is 'What a worker says of itself at its start, so that the dashboard can show and seal without any key or environment of the service.';
comment on column public.service_profile.is_only is 'There is one row.';
comment on column public.service_profile.sealing_key is 'Public X25519 key, base64: what is sealed with it only the service can open. The private half follows from the first of TOKEN_ENCRYPTION_KEYS.';
comment on column public.service_profile.defaults is 'Values of the environment by setting: in force where product_settings has none.';
comment on column public.service_profile.told_at is 'When a worker last said so.';
alter table public.service_profile enable row level security;
revoke all on public.service_profile from public, anon, authenticated;
grant select, insert, update, delete on public.service_profile to service_role;
grant select on public.service_profile to authenticated;
create policy service_profile_select on public.service_profile for select to authenticated
    using ((select private.operator_role()) = 'founder');
