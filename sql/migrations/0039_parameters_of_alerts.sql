-- Alerts keep what their words name, and no longer the words: these are in service/alert_sentences.py, where they can be
-- changed without SQL. Rows there are keep theirs, and are shown as they are.
alter table public.alerts add column parameters jsonb;
comment on column public.alerts.parameters is 'What its words name, by kind; NULL: an alert of an older version, whose words are in title and detail.';
comment on column public.alerts.title is 'Of an older version: one line. Else its kind, for processes that do not know the parameters.';
comment on column public.alerts.detail is 'Of an older version: what it means and what to do. Else empty.';
comment on column public.alert_deliveries.reason is 'Why it did not arrive, in words of the service, or channel_removed or channel_switched_off. Never holds the address.';
