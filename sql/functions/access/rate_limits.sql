-- What one address or one person may do in a while, counted for all web processes together.

-- A window begins with the first hit. One statement, so that hits at the same moment are all counted.
create or replace function public.count_hits(p_key_hash text, p_seconds integer, p_amount integer) returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_hits bigint;
    v_ends_at timestamptz;
begin
    if p_amount = 0 then
        select hits, ends_at into v_hits, v_ends_at
        from public.rate_windows where key_hash = p_key_hash and ends_at > now();
    else
        insert into public.rate_windows as w (key_hash, hits, ends_at)
        values (p_key_hash, p_amount, now() + make_interval(secs => p_seconds))
        on conflict (key_hash) do update
            set hits = case when w.ends_at > now() then w.hits else 0 end + excluded.hits,
                ends_at = case when w.ends_at > now() then w.ends_at else excluded.ends_at end
        returning hits, ends_at into v_hits, v_ends_at;
    end if;
    return jsonb_build_object(
        'hits', coalesce(v_hits, 0),
        'seconds_left', greatest(0, coalesce(extract(epoch from v_ends_at - now()), 0))
    );
end;
$$;
comment on function public.count_hits is 'Add p_amount hits to the window of a key, which lasts p_seconds from its first hit; 0 only looks: {hits, seconds_left}.';
revoke execute on function public.count_hits from public, anon, authenticated;
grant execute on function public.count_hits to service_role;
