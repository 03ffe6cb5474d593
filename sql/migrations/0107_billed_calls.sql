-- Which of our calls a bill has is kept with the call: the few without a line are found by an index, however many calls there are.

alter table public.model_calls add column is_billed boolean not null default false;
comment on column public.model_calls.is_billed is 'Whether a line of a provider''s bill has its id. Kept by the triggers of provider_bill_lines.';

-- What it does comes with the functions.
create function private.note_billed_calls() returns trigger
language plpgsql
security invoker
set search_path = ''
as $$
begin
    return null;
end;
$$;
