alter table public.answers alter column received_at set not null;
