-- in batches
update public.model_calls set is_billed = true
where id in (
    select lines.model_call_id
    from public.provider_bill_lines as lines join public.model_calls as calls on calls.id = lines.model_call_id
    where not calls.is_billed limit 5000
);
