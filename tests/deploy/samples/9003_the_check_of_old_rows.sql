alter table public.usage_logs validate constraint sample_run;
