-- People of the lifecycle can be talked to as well. The rows that are there kept the narrower rule.

alter table public.follow_ups drop constraint follow_ups_reason;
alter table public.follow_ups add constraint follow_ups_reason check (reason in (
    'failed', 'used_up', 'nearly_used_up', 'went_quiet', 'never_asked', 'new', 'kept', 'resurrected', 'lost'
)) not valid;
comment on column public.follow_ups.reason is 'Why, as in trial_talk_today(), or the state in growth_lifecycle_rows().';
