-- Histograms of latencies: 84 counts, four buckets per doubling. Element-wise sums merge them.

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
            p_histogram[v_bucket] := p_histogram[v_bucket] + 1;
        end loop;
    end if;
    return p_histogram;
end;
$$;
comment on function private.count_up is 'A histogram with one count more for each of these buckets (null: none).';
revoke execute on function private.count_up from public, anon, authenticated;
grant execute on function private.count_up to service_role;

-- plpgsql: this is called once per step of a chart, and a SQL function would be planned each time.
create or replace function private.bucket_quantile(p_buckets integer[], p_uses bigint[], p_share double precision)
returns bigint
language plpgsql
immutable
security invoker
set search_path = ''
as $$
declare
    v_rank double precision := p_share * (select sum(uses) from unnest(p_uses) as uses);
    v_before bigint := 0;
begin
    for v_place in 1..coalesce(cardinality(p_buckets), 0) loop
        if p_uses[v_place] > 0 and v_before + p_uses[v_place] >= v_rank then
            return round(case when p_buckets[v_place] = 1 then 1 else
                power(2.0, (p_buckets[v_place] - 2) / 4.0)
                + (power(2.0, (p_buckets[v_place] - 1) / 4.0) - power(2.0, (p_buckets[v_place] - 2) / 4.0))
                    * ((v_rank - v_before) / p_uses[v_place])
            end);
        end if;
        v_before := v_before + p_uses[v_place];
    end loop;
    return null;
end;
$$;
comment on function private.bucket_quantile is 'Quantile in ms of latencies counted by histogram bucket (buckets rising, with their uses): linear inside the bucket that holds rank share × total; error at most 19 % of the value. NULL without any.';
revoke execute on function private.bucket_quantile from public, anon;
grant execute on function private.bucket_quantile to authenticated, service_role;
