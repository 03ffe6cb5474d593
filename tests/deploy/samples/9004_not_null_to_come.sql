alter table public.answers
    add constraint answers_received_at_not_null check (received_at is not null) not valid;
