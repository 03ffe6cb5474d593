-- What became of the advice of the answers in seed.sql. Runs in its transaction. private.rebuild_advice counts it.

insert into public.advice_outcomes (
    answer_id, settled_at, file_key, team_id, plan_code, provider, model, context_user_id, context_version,
    measured_round, outcome, because, thumbs_down, follow_ups
)
select answers.id, answers.settled_at, answers.file_key, users.team_id, answers.plan_code, answers.provider,
    answers.model, answers.context_user_id, answers.context_version,
    case when luck < 0.32 then 7 end,
    case when luck < 0.19 then 'taken' when luck < 0.32 then 'ignored' when luck < 0.4 then 'taken'
        when luck < 0.42 then 'disputed' else 'unknown' end,
    case when luck < 0.32 then 'measured' when luck < 0.4 then 'resolved' when luck < 0.42 then 'reaction' else '' end,
    (luck >= 0.4 and luck < 0.42)::integer, (luck * 100)::integer % 2
from public.answers
join public.users on users.id = answers.payer_id
cross join lateral (select pg_temp.chance('advice ' || answers.id)) as drawn (luck)
where answers.decision = 'answer' and answers.state = 'answered' and answers.settled_at > now() - interval '90 days';

insert into public.advice_rules (answer_id, rule, findings, gone, still, outcome)
select o.answer_id, told.rule, 1, (o.because = 'measured' and fared.outcome = 'taken')::integer,
    (o.because = 'measured' and fared.outcome = 'ignored')::integer, fared.outcome
from public.advice_outcomes as o
cross join (values ('contrast-text', 0.6), ('target-size', 0.35), ('naming', 0.25), ('spacing-grid', 0.3)) as told (rule, share)
-- Nobody renames a layer because of a comment.
cross join lateral (select case when told.rule = 'naming' and o.outcome = 'taken' then 'ignored' else o.outcome end)
    as fared (outcome)
where pg_temp.chance('told ' || told.rule || o.answer_id) < told.share;
