-- Reads that grow with days, not with comments: deliveries by day, dead letters and a file's authors from an index.

create table public.webhook_daily (
    webhook_id uuid not null,
    day date not null,
    outcome text not null,
    deliveries bigint not null,
    redeliveries bigint not null,
    primary key (webhook_id, day, outcome)
);
create index webhook_daily_day on public.webhook_daily (day);
comment on table public.webhook_daily is 'webhook_hourly by reporting day, of each webhook and of all; a day is counted once it is over. Days later than the last one here are read from webhook_hourly. Kept 92 days.';
comment on column public.webhook_daily.webhook_id is 'The webhook, in user_webhooks; zeros: all of them.';
comment on column public.webhook_daily.day is 'Day in the reporting time zone, of the start of its hours.';
comment on column public.webhook_daily.outcome is 'As in webhook_deliveries.';
comment on column public.webhook_daily.deliveries is 'Deliveries that arrived, redeliveries included.';
comment on column public.webhook_daily.redeliveries is 'Those of them that had been delivered before.';

alter table public.webhook_daily enable row level security;
revoke all on public.webhook_daily from public, anon, authenticated;
grant select, insert, update, delete on public.webhook_daily to service_role;
grant select on public.webhook_daily to authenticated;
create policy webhook_daily_select on public.webhook_daily for select to authenticated
    using ((select private.operator_role()) in ('founder', 'support'));

-- What is counted of dead letters, and who asked in a file, is in the index: no row of a long table is fetched for it.
drop index public.answers_failed;
create index answers_failed on public.answers (received_at desc) include (reason) where state = 'failed';
drop index public.answers_file_received;
create index answers_file_received on public.answers (file_key, received_at desc) include (design_state, author_figma_id);

alter table public.user_webhooks add column longest_pause interval;
alter table public.user_webhooks add column pauses_until timestamptz;
comment on column public.user_webhooks.longest_pause is 'Longest pause between hours with events in the 28 days before pauses_until; NULL with fewer than 5 such hours.';
comment on column public.user_webhooks.pauses_until is 'The last event when longest_pause was measured: once the webhook had been quiet for a day.';
grant select (longest_pause, pauses_until) on public.user_webhooks to authenticated;
