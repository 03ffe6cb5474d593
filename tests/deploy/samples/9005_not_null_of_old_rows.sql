alter table public.answers validate constraint answers_received_at_not_null;
