-- Finance reads the same figures by hour (usage_hourly); without their days, an overview of whole days lacked them.
alter policy reliability_daily_select on public.reliability_daily
    using ((select private.operator_role()) is not null);
alter policy reliability_hourly_teams_select on public.reliability_hourly_teams
    using ((select private.operator_role()) is not null);
