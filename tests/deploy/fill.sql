-- Three tables of {rows} rows each, as after a long time of use. Triggers are off: what they count is not looked at.
set session_replication_role = replica;
set synchronous_commit = off;

insert into public.answers (
    file_key, comment_id, root_comment_id, author_figma_id, state, request_id, received_at, queued_at, settled_at
)
select 'file-' || i % 1000, 'filled-' || i, 'filled-' || i, 'person-' || i % 5000, 'answered', 'filled',
    now() - i * interval '3 seconds', null, now() - i * interval '3 seconds'
from generate_series(1, {rows}) as i;

insert into public.usage_logs (at, answer_id, feature, status, file_key, provider, model, cost_microusd, cost_state, request_id)
select now() - i * interval '3 seconds', gen_random_uuid(), 'comment', 'answered', 'file-' || i % 1000, 'openai', 'a-model',
    100, 'priced', 'filled'
from generate_series(1, {rows}) as i;

insert into public.webhook_deliveries (webhook_id, event_type, event_key, outcome, payload, received_at)
select (select id from public.user_webhooks limit 1), 'FILE_COMMENT', 'filled-' || i, 'queued', '{{}}',
    now() - i * interval '1 second'
from generate_series(1, {rows}) as i;
