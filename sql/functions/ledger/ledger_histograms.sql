-- Histograms, merged by sums of equal buckets. Two kinds: fine ones, 24 buckets per doubling, from which percentiles come,
-- in arrays that begin with their lowest bucket; and 84 coarse counts, four per doubling, which nothing but the rollups of
-- use have, and rows of reliability from before there were fine ones. Bucket b of those (1 to 84) holds six fine ones,
-- and the upper edge of the fine bucket 6b + 92 is its middle: that is how they are read.

-- Which of the 84 buckets a latency falls into: bucket b holds up to 2^((b-1)/4) ms, an error of at most 9 %. That is
-- ceil(4 * log2(ms)) + 1, but from a list: a logarithm costs fifty times as much. The list has the shortest whole
-- latency of buckets 2 to 84, which is floor(2^((b-2)/4)) + 1. Some of the first buckets hold no whole latency.
create or replace function private.latency_bucket(p_ms bigint) returns integer
language plpgsql
immutable
security invoker
set search_path = ''
as $$
begin
    return 1 + width_bucket(greatest(p_ms, 0), array[
        2, 2, 2, 2, 3, 3, 3, 4, 5, 5, 6, 7, 9, 10, 12, 14, 17, 20, 23, 27, 33, 39, 46, 54, 65, 77, 91, 108, 129,
        153, 182, 216, 257, 305, 363, 431, 513, 609, 725, 862, 1025, 1218, 1449, 1723, 2049, 2436, 2897, 3445,
        4097, 4871, 5793, 6889, 8193, 9742, 11586, 13778, 16385, 19484, 23171, 27555, 32769, 38968, 46341,
        55109, 65537, 77936, 92682, 110218, 131073, 155872, 185364, 220436, 262145, 311744, 370728, 440872,
        524289, 623488, 741456, 881744, 1048577, 1246975, 1482911
    ]::bigint[]);
end;
$$;
comment on function private.latency_bucket is 'Histogram bucket (1-84) of a latency in milliseconds, four per doubling.';
revoke execute on function private.latency_bucket from public, anon, authenticated;
grant execute on function private.latency_bucket to service_role;

-- Counting up in place costs a fifth of adding whole histograms.
create or replace function private.count_up(p_histogram bigint[], p_buckets integer[]) returns bigint[]
language plpgsql
immutable
security invoker
set search_path = ''
as $$
declare
    v_bucket integer;
begin
    if p_buckets is not null then
        foreach v_bucket in array p_buckets loop
            -- Outside of its bounds an array grows, with NULL in between.
            p_histogram[v_bucket] := coalesce(p_histogram[v_bucket], 0) + 1;
        end loop;
    end if;
    return p_histogram;
end;
$$;
comment on function private.count_up is 'A histogram with one count more for each of these buckets (null: none).';
revoke execute on function private.count_up from public, anon, authenticated;
grant execute on function private.count_up to service_role;

create or replace function private.fine_bucket(p_value bigint) returns integer
language plpgsql
immutable
security invoker
set search_path = ''
as $$
begin
    if p_value <= 1 then
        return 101;
    end if;
    -- 24 / ln(2) = 34.62468…; the last digits of a logarithm must not lift a power of two into the next bucket.
    return 101 + ceil(34.62468098133512 * ln(p_value::double precision) - 1e-9)::integer;
end;
$$;
comment on function private.fine_bucket is 'Fine bucket of a value (milliseconds, micro-dollars): bucket b holds values above 2^((b-102)/24) up to 2^((b-101)/24), bucket 101 those up to 1. Its middle is within 1.5 % of each. NULL of NULL.';
revoke execute on function private.fine_bucket from public, anon;
grant execute on function private.fine_bucket to authenticated, service_role;

create or replace function private.histogram_of(p_buckets integer[], p_uses bigint[]) returns bigint[]
language plpgsql
immutable
security invoker
set search_path = ''
as $$
declare
    v_histogram bigint[] := '{}';
begin
    for v_place in 1..coalesce(cardinality(p_buckets), 0) loop
        v_histogram[p_buckets[v_place]] := coalesce(v_histogram[p_buckets[v_place]], 0) + p_uses[v_place];
    end loop;
    return v_histogram;
end;
$$;
comment on function private.histogram_of is 'The histogram with these uses of these buckets, in an array that begins with the lowest bucket; empty of NULL.';
revoke execute on function private.histogram_of from public, anon, authenticated;
grant execute on function private.histogram_of to service_role;

-- plpgsql: this is called once per step of a chart, and a SQL function would be planned each time.
create or replace function private.bucket_quantile(p_buckets integer[], p_uses bigint[], p_share double precision)
returns bigint
language plpgsql
immutable
security invoker
set search_path = ''
as $$
declare
    v_total bigint := 0;
    v_before bigint := 0;
    v_rank double precision;
    v_use bigint;
begin
    -- Not sum(): a query in here would cost more than all the rest.
    for v_place in 1..coalesce(cardinality(p_buckets), 0) loop
        v_total := v_total + p_uses[v_place];
    end loop;
    v_rank := greatest(1, ceil(p_share * v_total - 1e-9));
    for v_place in 1..coalesce(cardinality(p_buckets), 0) loop
        v_use := p_uses[v_place];
        v_before := v_before + v_use;
        if v_use > 0 and v_before >= v_rank then
            return greatest(1, round(power(2.0::double precision, (p_buckets[v_place] - 101.5) / 24)));
        end if;
    end loop;
    return null;
end;
$$;
comment on function private.bucket_quantile is 'Quantile of values counted by fine buckets (rising, with their uses): the middle of the bucket that holds the value of rank share × total, within 2 % of that value (from 100 on; below, within 1). NULL without any.';
revoke execute on function private.bucket_quantile from public, anon;
grant execute on function private.bucket_quantile to authenticated, service_role;
