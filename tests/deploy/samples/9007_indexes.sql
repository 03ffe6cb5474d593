-- concurrently
create index concurrently if not exists sample_answers on public.answers (file_key, received_at desc);
create index concurrently if not exists sample_ledger on public.usage_logs (file_key, at desc);
create index concurrently if not exists sample_deliveries on public.webhook_deliveries (event_type, received_at desc);
drop index concurrently if exists public.sample_ledger;
