-- What keeps model_calls.is_billed.

create trigger provider_bill_lines_matched after update on public.provider_bill_lines
    referencing old table as was new table as told for each statement execute function private.note_billed_calls();
create trigger provider_bill_lines_gone after delete on public.provider_bill_lines
    referencing old table as was for each statement execute function private.note_billed_calls();
