-- An answer is found by what a person can quote of it.

-- A reply ends with its reference: the first 50 bits of the hash of the answer's id, in Crockford's base 32
-- (service/figma/replies.py). Whoever has only that is helped by looking through the latest answers: half a second for
-- as many as are looked through. An index would cost each answer more than all who ask for one.
create or replace function public.answer_by_reference(p_reference text) returns uuid
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
    v_letters text := upper(btrim(regexp_replace(coalesce(p_reference, ''), '^\s*ref\s+', '', 'i')));
    v_bits bigint := 0;
begin
    perform private.require_support();
    if v_letters !~ '^[0-9A-HJKMNP-TV-Z]{10}$' then
        return null;
    end if;
    for v_at in 1..10 loop
        v_bits := v_bits * 32 + strpos('0123456789ABCDEFGHJKMNPQRSTVWXYZ', substr(v_letters, v_at, 1)) - 1;
    end loop;
    return (
        select latest.id
        from (select id from public.answers order by received_at desc limit 500000) as latest
        -- Its first 48 bits; one in 2^48 others has the same.
        where substring(sha256(uuid_send(latest.id)) from 1 for 6) = decode(lpad(to_hex(v_bits >> 2), 12, '0'), 'hex')
        limit 1
    );
end;
$$;
comment on function public.answer_by_reference is 'The answer whose reply ends with this reference, among the latest 500,000; NULL: none, or no reference.';
revoke execute on function public.answer_by_reference from public, anon, authenticated;
grant execute on function public.answer_by_reference to authenticated, service_role;
