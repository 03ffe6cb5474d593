-- concurrently
create index concurrently if not exists analysis_ends_team_at on public.analysis_ends (team_id, at) where team_id is not null;
create index concurrently if not exists analysis_ends_batch_at on public.analysis_ends (at) where batch_id is not null;
create index concurrently if not exists model_calls_unbilled on public.model_calls (provider, at) where not is_billed;
create index concurrently if not exists provider_bill_lines_unseen on public.provider_bill_lines (bill_id, day, at, line) where call_id <> '' and model_call_id is null;
