-- What Figma has refused an account is remembered, so that no run asks for it again too early.

create or replace function private.figma_limited_until(p_figma_user_id text, p_file_key text, p_tier integer)
returns timestamptz
language sql
stable
security invoker
set search_path = ''
as $$
    select max(limited_until) from public.figma_quotas
    where figma_user_id = p_figma_user_id and file_key = p_file_key and tier = p_tier and limited_until > now()
$$;
comment on function private.figma_limited_until is 'Until when Figma gives an account no calls of a tier for a file, as it said with its last refusal; NULL: nothing is known.';
revoke execute on function private.figma_limited_until from public, anon, authenticated;
grant execute on function private.figma_limited_until to service_role;

create or replace function private.limited_params(p_until timestamptz) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select jsonb_build_object(
        'until', p_until,
        'seconds', ceil(extract(epoch from p_until - now()))::bigint)
$$;
comment on function private.limited_params is 'The parameters of the code figma_limited: until when, and in how many seconds.';
revoke execute on function private.limited_params from public, anon, authenticated;
grant execute on function private.limited_params to service_role;

create or replace function public.figma_limit_left(p_figma_user_id text, p_file_key text, p_tier integer) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select to_jsonb(ceil(extract(epoch from private.figma_limited_until(p_figma_user_id, p_file_key, p_tier) - now()))::bigint)
$$;
comment on function public.figma_limit_left is 'For how many more seconds Figma gives an account no calls of a tier for a file, as far as it has said; NULL: nothing is known.';
revoke execute on function public.figma_limit_left from public, anon, authenticated;
grant execute on function public.figma_limit_left to service_role;

create or replace function private.known_layers(p_owner_id uuid, p_file_key text) returns text[]
language sql
stable
security invoker
set search_path = ''
as $$
    select coalesce(array_agg(distinct node_id), '{}')
    from public.pipelines
    where owner_id = p_owner_id and file_key = p_file_key and facts ? 'file_version' and coalesce(files_until > now(), true)
$$;
comment on function private.known_layers is 'Layers of a file that an owner''s runs have read and still keep: of the same version they cost no call for designs.';
revoke execute on function private.known_layers from public, anon, authenticated;
grant execute on function private.known_layers to service_role;
