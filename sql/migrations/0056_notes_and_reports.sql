-- What operators write down: notes on days and on people, who follows up on whom, names for views; and when the weekly
-- report goes out.

create table public.date_notes (
    id uuid primary key,
    day date not null,
    text text not null,
    version integer not null default 1,
    written_by text not null,
    written_at timestamptz not null default now(),
    changed_by text,
    changed_at timestamptz,
    constraint date_notes_text check (length(text) between 1 and 300)
);
create index date_notes_day on public.date_notes (day);
comment on table public.date_notes is 'Notes on days, which charts of time show: a launch, an outage, a campaign. What was removed stands in the audit log.';
comment on column public.date_notes.id is 'Chosen by who writes it, so that a repeated call writes it once.';
comment on column public.date_notes.day is 'Day of the reporting zone.';
comment on column public.date_notes.text is 'What happened, in the words of who wrote it.';
comment on column public.date_notes.version is 'Counts changes; a change must name the version it saw.';
comment on column public.date_notes.written_by is 'E-mail address of the operator.';
comment on column public.date_notes.written_at is 'When.';
comment on column public.date_notes.changed_by is 'Who changed it last; NULL: nobody.';
comment on column public.date_notes.changed_at is 'When it was changed last.';
create trigger date_notes_audit after insert or delete or update on public.date_notes
    for each row execute function private.audit();
alter table public.date_notes enable row level security;
revoke all on public.date_notes from public, anon, authenticated;
grant select, insert, update, delete on public.date_notes to service_role;
grant select on public.date_notes to authenticated;
create policy date_notes_select on public.date_notes for select to authenticated
    using ((select private.operator_role()) is not null);

create table public.person_notes (
    id uuid primary key,
    user_id uuid not null,
    text text not null,
    version integer not null default 1,
    written_by text not null,
    written_at timestamptz not null default now(),
    changed_by text,
    changed_at timestamptz,
    constraint person_notes_text check (length(text) between 1 and 2000)
);
create index person_notes_user_id on public.person_notes (user_id, written_at desc);
comment on table public.person_notes is 'What operators noted about a person. Part of what the person is given of their data, and gone with the account.';
comment on column public.person_notes.id is 'Chosen by who writes it, so that a repeated call writes it once.';
comment on column public.person_notes.user_id is 'About whom. No foreign key: it is removed with the account.';
comment on column public.person_notes.text is 'The note. Not in the audit log, which outlives the account.';
comment on column public.person_notes.version is 'Counts changes; a change must name the version it saw.';
comment on column public.person_notes.written_by is 'E-mail address of the operator.';
comment on column public.person_notes.written_at is 'When.';
comment on column public.person_notes.changed_by is 'Who changed it last; NULL: nobody.';
comment on column public.person_notes.changed_at is 'When it was changed last.';
create trigger person_notes_audit after insert or delete or update on public.person_notes
    for each row execute function private.audit('text');
alter table public.person_notes enable row level security;
revoke all on public.person_notes from public, anon, authenticated;
grant select, insert, update, delete on public.person_notes to service_role;
grant select on public.person_notes to authenticated;
create policy person_notes_select on public.person_notes for select to authenticated
    using ((select case when private.operator_role() = any ('{founder,support}') then true end) is not null);

create table public.follow_ups (
    id bigint generated always as identity primary key,
    user_id uuid not null,
    reason text not null,
    assigned_to text not null default '',
    is_done boolean not null,
    remark text not null default '',
    written_by text not null,
    written_at timestamptz not null default now(),
    constraint follow_ups_reason check (reason in ('failed', 'used_up', 'nearly_used_up', 'went_quiet', 'never_asked')),
    constraint follow_ups_remark check (length(remark) <= 500)
);
create index follow_ups_user_id on public.follow_ups (user_id, reason, id desc);
create index follow_ups_written_at on public.follow_ups (written_at desc);
comment on table public.follow_ups is 'Who talks to whom of trial_talk_today(), and whether it is done. Rows are only added: the newest of a person and reason holds, the others are its history.';
comment on column public.follow_ups.id is 'Counts up; a change must name the newest it saw.';
comment on column public.follow_ups.user_id is 'Whom to talk to. No foreign key: it is removed with the account.';
comment on column public.follow_ups.reason is 'Why, as in trial_talk_today().';
comment on column public.follow_ups.assigned_to is 'E-mail address of the operator who does it; empty: nobody yet.';
comment on column public.follow_ups.is_done is 'Whether it is done.';
comment on column public.follow_ups.remark is 'What came of it, in the operator''s words.';
comment on column public.follow_ups.written_by is 'E-mail address of the operator who set this.';
comment on column public.follow_ups.written_at is 'When.';
create trigger follow_ups_audit after insert or delete or update on public.follow_ups
    for each row execute function private.audit('remark');
alter table public.follow_ups enable row level security;
revoke all on public.follow_ups from public, anon, authenticated;
grant select, insert, update, delete on public.follow_ups to service_role;
grant select on public.follow_ups to authenticated;
create policy follow_ups_select on public.follow_ups for select to authenticated
    using ((select case when private.operator_role() = any ('{founder,support}') then true end) is not null);

create table public.saved_views (
    id uuid primary key default gen_random_uuid(),
    operator_id uuid not null,
    page text not null,
    name text not null,
    query text not null,
    saved_at timestamptz not null default now(),
    constraint saved_views_name check (length(name) between 1 and 60),
    constraint saved_views_page check (page ~ '^[a-z_]{1,40}$'),
    constraint saved_views_query check (length(query) <= 1000),
    constraint saved_views_once unique (operator_id, page, name)
);
comment on table public.saved_views is 'Names that operators give to views of a page. The address carries the whole view; this is a name for it. Read through saved_view_list() alone.';
comment on column public.saved_views.id is 'Our id.';
comment on column public.saved_views.operator_id is 'Whose: operators.user_id. No foreign key: it may go over to another account.';
comment on column public.saved_views.page is 'Which page.';
comment on column public.saved_views.name is 'What they call it.';
comment on column public.saved_views.query is 'What stands behind the question mark of the address.';
comment on column public.saved_views.saved_at is 'When.';
alter table public.saved_views enable row level security;
revoke all on public.saved_views from public, anon, authenticated;
grant select, insert, update, delete on public.saved_views to service_role;

create table public.report_settings (
    id text primary key default 'weekly',
    is_on boolean not null default false,
    weekday smallint not null default 1,
    address text not null default '',
    changed_at timestamptz,
    constraint report_settings_one_row check (id = 'weekly'),
    constraint report_settings_address check (length(address) <= 300 and (address = '' or address ~ '^https?://[^[:space:]]+$')),
    constraint report_settings_weekday check (weekday between 1 and 7)
);
insert into public.report_settings default values;
comment on table public.report_settings is 'Whether and on which day the weekly report goes to the alert channels that want it. One row.';
comment on column public.report_settings.id is 'weekly.';
comment on column public.report_settings.is_on is 'Whether it is sent.';
comment on column public.report_settings.weekday is 'On which day of the week, from 08:00 of the reporting zone: 1 Monday to 7 Sunday.';
comment on column public.report_settings.address is 'Where the dashboard is, as the browser of who set this knew it: for the links of the report; empty: not known.';
comment on column public.report_settings.changed_at is 'When this was set; NULL: never.';
create trigger report_settings_audit after insert or delete or update on public.report_settings
    for each row execute function private.audit();
alter table public.report_settings enable row level security;
revoke all on public.report_settings from public, anon, authenticated;
grant select, insert, update, delete on public.report_settings to service_role;
grant select on public.report_settings to authenticated;
create policy report_settings_select on public.report_settings for select to authenticated
    using ((select private.operator_role()) = 'founder');

-- Support reads in the audit log what it reads in these tables.
alter policy audit_log_select on public.audit_log
    using (case (select private.operator_role()) when 'founder' then true
    when 'support' then (table_name in ('analyses', 'answers', 'date_notes', 'follow_ups', 'person_notes',
    'pipeline_limits', 'pipelines', 'plans', 'reliability_targets', 'reporting_settings', 'teams', 'use_grants',
    'user_contexts', 'user_webhooks', 'users', 'webhook_removals')) else false end);
