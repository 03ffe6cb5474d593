alter table public.usage_logs add constraint sample_run check (run >= 0) not valid;
