-- The costs of all answers add up to what the company spends, so support does not see them here. The cost of a single
-- answer is on a person's page.
create or replace view public.answer_list with (security_invoker = true) as
select answers.id, answers.received_at, answers.author_handle, answers.payer_id, answers.file_key, answers.file_name,
    answers.state, answers.decision, answers.command, answers.reason, answers.failure_message, answers.attempt,
    answers.plan_code, answers.model, answers.provider, answers.design_state, answers.context_version,
    answers.reply_comment_id, answers.deferred_until, answers.request_id,
    case when (select private.has_role('{founder}')) then used.cost_microusd end as cost_microusd,
    used.cost_state, used.latency_ms, used.model_latency_ms
from public.answers
left join private.support_ledger as used on used.answer_id = answers.id and used.run = answers.run;
comment on view public.answer_list is 'Answers with latency of their last run, and for founders its cost (NULL for support), without anybody''s words.';
revoke all on public.answer_list from public, anon, authenticated;
grant select on public.answer_list to authenticated, service_role;
