create function private.sample_seen() returns trigger
language plpgsql set search_path = '' as $$
begin
    return new;
end;
$$;
create trigger sample_seen before insert on public.webhook_deliveries
    for each row execute function private.sample_seen();
