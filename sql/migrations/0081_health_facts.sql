-- What SQL cannot see and a process tells it: how full a disk is, how large the database may be, until when the
-- certificate of our address is valid. Alerts are raised of it.

create table public.health_facts (
    code text not null,
    subject text not null,
    facts jsonb not null,
    told_at timestamptz not null default now(),
    primary key (code, subject),
    constraint health_facts_code check (code in ('certificate', 'disk')),
    constraint health_facts_subject check (length(subject) between 1 and 300)
);
comment on table public.health_facts is 'What processes last saw of disks and of the certificate: one row for each, replaced every few minutes, forgotten after a week without news.';
comment on column public.health_facts.code is 'disk: {used_bytes, limit_bytes}, of the database {limit_bytes} alone; certificate: {not_after, problem}.';
comment on column public.health_facts.subject is 'Which: database, or a machine''s name; the host of a certificate.';
comment on column public.health_facts.facts is 'What was seen, by code.';
comment on column public.health_facts.told_at is 'When.';
alter table public.health_facts enable row level security;
revoke all on public.health_facts from public, anon, authenticated;
grant select, insert, update, delete on public.health_facts to service_role;
-- Who wanted to hear of everything still does.
update public.alert_channels set kinds = kinds || array['advice_rule', 'backup_missing', 'certificate', 'disk',
    'model_failing', 'refresh_failing', 'silence']
where kinds @> array['budget', 'dead_letter', 'error_budget', 'queue_stuck', 'no_worker', 'figma_quota', 'unpriced',
    'webhook_paused', 'author_limit', 'unbilled', 'connection_lost', 'bill_drift', 'isolation'] and not kinds && array['silence'];
alter table public.alerts validate constraint alerts_kind;
