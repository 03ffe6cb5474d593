-- A call costs what each kind of its tokens costs, at the service tier that answered: both are kept, priced and summed.

alter table public.usage_logs
    add column cache_write_tokens bigint not null default 0,
    add column token_classes jsonb not null default '{}',
    add column service_tier text not null default 'standard',
    -- Not valid: the rows there are have the defaults, and a long ledger is not read for it.
    add constraint usage_logs_token_classes check (
        cache_write_tokens >= 0 and jsonb_typeof(token_classes) = 'object' and service_tier <> ''
    ) not valid;
comment on column public.usage_logs.cache_write_tokens is 'Part of input written to the provider''s cache.';
comment on column public.usage_logs.token_classes is 'What else has a price of its own, by the price library''s names ({"input_audio_tokens": 12}): parts of input, cached input, cache writes or output, each counted once.';
comment on column public.usage_logs.service_tier is 'The tier that served the call: standard, or as the answer named it (flex, priority, batch …); mixed when several calls differ.';

do $$
declare
    v_table text;
begin
    foreach v_table in array array[
        'usage_hourly', 'usage_daily', 'usage_hourly_teams', 'ai_cost_hourly', 'ai_cost_daily', 'ai_cost_daily_users',
        'ai_cost_hourly_teams', 'billing_usage'
    ] loop
        execute format('alter table public.%I add column cache_write_tokens bigint not null default 0', v_table);
        execute format(
            'comment on column public.%I.cache_write_tokens is %L', v_table,
            'Part of input written to the provider''s cache.'
        );
    end loop;
    foreach v_table in array array['model_prices', 'repricings'] loop
        execute format(
            'alter table public.%I'
            ' add column cache_write_microusd_per_million bigint,'
            ' add column class_microusd_per_million jsonb not null default ''{}'','
            ' add column service_tier text not null default ''standard'','
            ' add constraint %I check (coalesce(cache_write_microusd_per_million, 0) >= 0'
            ' and jsonb_typeof(class_microusd_per_million) = ''object'' and service_tier <> '''')',
            v_table, v_table || '_classes'
        );
        execute format(
            'comment on column public.%I.cache_write_microusd_per_million is %L', v_table,
            'Micro-dollars per million tokens written to the provider''s cache; NULL: such calls have no price here.'
        );
        execute format(
            'comment on column public.%I.class_microusd_per_million is %L', v_table,
            'Micro-dollars per million of each other class of usage_logs.token_classes; a class that is missing has no price here.'
        );
        execute format(
            'comment on column public.%I.service_tier is %L', v_table,
            'The service tier the price is for, as in usage_logs.'
        );
    end loop;
end;
$$;

alter table public.adjustments add column service_tier text not null default 'standard';
comment on column public.adjustments.service_tier is 'As in usage_logs: the tier that was priced anew.';
