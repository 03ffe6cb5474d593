-- What each column holds, where its table's own file does not already say so.

comment on column public.activity.id is 'Order of writing.';
comment on column public.activity.at is 'When it happened.';
comment on column public.activity.user_id is 'Who did it; no foreign key, the row outlives the account.';
comment on column public.activity.kind is 'What happened, from the listed kinds.';
comment on column public.activity.detail is 'Facts about it, without anybody''s words.';

comment on column public.answers.id is 'Our id; the reference in the reply is derived from it.';
comment on column public.answers.webhook_id is 'The webhook whose delivery came first.';
comment on column public.answers.file_key is 'Figma''s key of the file or branch.';
comment on column public.answers.file_name is 'Name of the file when the comment was written.';
comment on column public.answers.comment_id is 'Figma''s id of the asking comment.';
comment on column public.answers.root_comment_id is 'Root of its thread: replies must go there.';
comment on column public.answers.author_figma_id is 'Who asked; anonymous after deletion.';
comment on column public.answers.author_handle is 'Display name of who asked; not unique.';
comment on column public.answers.question is 'The comment without the trigger word. Granted to no operator.';
comment on column public.answers.command is 'help, usage, stop or resume when the comment was just that word.';
comment on column public.answers.asked_at is 'Figma''s time of the comment (whole seconds).';
comment on column public.answers.received_at is 'When the first delivery reached us.';
comment on column public.answers.request_id is 'Follows the comment through every log line.';
comment on column public.answers.trace_parent is 'W3C traceparent of the receiving request, or empty.';
comment on column public.answers.state is 'queued, working, deferred, or an end: answered, refused, ignored, failed (dead letter).';
comment on column public.answers.decision is 'answer, refuse, invite, command or ignore; NULL until a worker began.';
comment on column public.answers.decided_at is 'When begin_answer decided.';
comment on column public.answers.reason is 'Code of the refusal, of why it was ignored, or of the failure.';
comment on column public.answers.failure_message is 'One sentence for operators about a failure or a deferral.';
comment on column public.answers.lease_until is 'Until when the worker at it is trusted to be alive.';
comment on column public.answers.deferred_until is 'When a deferred job is tried again.';
comment on column public.answers.payer_id is 'Whose plan pays: the author, or the webhook''s owner for a guest.';
comment on column public.answers.plan_code is 'Plan of the payer at that moment.';
comment on column public.answers.context_user_id is 'Whose context applies.';
comment on column public.answers.context_version is 'Version of that context in force; 0 for none.';
comment on column public.answers.reply_comment_id is 'Figma''s id of our reply.';
comment on column public.answers.reply_created_at is 'Figma''s time of our reply.';
comment on column public.answers.notice_comment_id is 'Figma''s id of the one notice that the answer will take long.';
comment on column public.answers.provider is 'Who answered: a model provider, or measured-review.';
comment on column public.answers.model is 'Model that answered.';
comment on column public.answers.prompt_version is 'Version of the prompt''s wording.';
comment on column public.answers.node_id is 'The pinned node, if any.';
comment on column public.answers.facts is 'Measured facts the answer relied on.';
comment on column public.answers.settled_at is 'When the answer reached its end.';

comment on column public.audit_log.id is 'Order of writing.';
comment on column public.audit_log.at is 'When it was changed.';
comment on column public.audit_log.actor is 'Operator''s e-mail, "user" or "service".';
comment on column public.audit_log.table_name is 'Table of the changed row.';
comment on column public.audit_log.row_key is 'Key of the changed row.';
comment on column public.audit_log.operation is 'INSERT, UPDATE or DELETE.';
comment on column public.audit_log.before is 'The row before, without secrets.';
comment on column public.audit_log.after is 'The row after, without secrets.';
comment on column public.audit_log.reason is 'Why, in the operator''s words.';

comment on column public.bot_identity.is_only is 'Always true: there is one row.';
comment on column public.bot_identity.figma_user_id is 'Figma''s id of the bot account.';
comment on column public.bot_identity.handle is 'Its display name.';
comment on column public.bot_identity.updated_at is 'When a worker last confirmed it.';

comment on column public.deleted_accounts.figma_user_hash is 'Keyed hash of the Figma id.';
comment on column public.deleted_accounts.trial_uses is 'Free uses taken before the deletion.';
comment on column public.deleted_accounts.deleted_at is 'When the account was deleted.';

comment on column public.figma_quotas.figma_user_id is 'Owner of the token that was refused.';
comment on column public.figma_quotas.file_key is 'File it was refused for.';
comment on column public.figma_quotas.tier is 'Figma''s endpoint tier: 1 files, 2 comments and webhooks, 3 metadata.';
comment on column public.figma_quotas.limited_until is 'Until when Figma said to wait.';
comment on column public.figma_quotas.plan_tier is 'X-Figma-Plan-Tier: plan of the file.';
comment on column public.figma_quotas.limit_type is 'X-Figma-Rate-Limit-Type: low (View, Collab) or high (Dev, Full).';
comment on column public.figma_quotas.upgrade_link is 'X-Figma-Upgrade-Link, shown in the answer.';
comment on column public.figma_quotas.refusals is 'How often this was met.';
comment on column public.figma_quotas.updated_at is 'When it was last met.';

comment on column public.figma_tokens.user_id is 'Whose token.';
comment on column public.figma_tokens.access_token_encrypted is 'Fernet token under one of TOKEN_ENCRYPTION_KEYS.';
comment on column public.figma_tokens.refresh_token_encrypted is 'The same for the refresh token, which Figma lets us use again and again.';
comment on column public.figma_tokens.scopes is 'Scopes asked for at sign-in (Figma does not say which it gave).';
comment on column public.figma_tokens.expires_at is 'When the access token ends.';
comment on column public.figma_tokens.updated_at is 'When it was last replaced.';

comment on column public.guest_invites.file_key is 'In which file.';
comment on column public.guest_invites.author_figma_id is 'Who was invited.';
comment on column public.guest_invites.answer_id is 'The answer that carried the invitation.';
comment on column public.guest_invites.invited_at is 'When.';

comment on column public.model_prices.id is 'Named in the ledger as "price row <id>".';
comment on column public.model_prices.provider is 'Provider as the chain names it.';
comment on column public.model_prices.model is 'Model as the provider names it.';
comment on column public.model_prices.valid_from is 'First moment it applies.';
comment on column public.model_prices.valid_to is 'First moment it no longer applies; NULL: open.';
comment on column public.model_prices.input_microusd_per_million is 'Micro-dollars per million input tokens.';
comment on column public.model_prices.cached_input_microusd_per_million is 'The same for cached input; NULL: as input.';
comment on column public.model_prices.output_microusd_per_million is 'The same for output, reasoning included.';
comment on column public.model_prices.source is 'Where the price was read.';
comment on column public.model_prices.created_at is 'When the row was written.';

comment on column public.operators.user_id is 'Supabase Auth user id.';
comment on column public.operators.email is 'Sign-in address, lower case.';
comment on column public.operators.role is 'founder, support or finance.';
comment on column public.operators.created_at is 'Since when.';
comment on column public.operators.disabled_at is 'Set: no longer an operator; takes effect at once.';

comment on column public.plans.code is 'Name in code: trial, pro, enterprise.';
comment on column public.plans.valid_from is 'First moment this row is in force.';
comment on column public.plans.name is 'Name on screen.';
comment on column public.plans.per is 'What the price is for: user or seat.';
comment on column public.plans.uses is 'Uses included per user and period.';
comment on column public.plans.period is 'lifetime or month (UTC).';

comment on column public.plugin_handovers.user_id is 'Who approved it.';
comment on column public.plugin_handovers.created_at is 'When the browser opened it.';
comment on column public.plugin_handovers.expires_at is 'When it can no longer be collected.';
comment on column public.plugin_handovers.approved_at is 'When the person agreed.';
comment on column public.plugin_handovers.collected_at is 'When the plugin took its session.';

comment on column public.sessions.token_hash is 'SHA-256 of the random session token.';
comment on column public.sessions.user_id is 'Whose session.';
comment on column public.sessions.kind is 'browser or plugin.';
comment on column public.sessions.created_at is 'When it was opened.';
comment on column public.sessions.expires_at is 'When it ends.';

comment on column public.subscriptions.id is 'Our id.';
comment on column public.subscriptions.user_id is 'The paying user, or NULL for a team.';
comment on column public.subscriptions.team_id is 'The paying team, or NULL for a user.';
comment on column public.subscriptions.plan_code is 'Plan from plans.code.';
comment on column public.subscriptions.seats is 'Seats paid for.';
comment on column public.subscriptions.starts_at is 'First moment.';
comment on column public.subscriptions.ends_at is 'First moment after; NULL: open.';
comment on column public.subscriptions.created_at is 'When the row was written.';

comment on column public.teams.id is 'Our id.';
comment on column public.teams.name is 'Name on screen.';
comment on column public.teams.settings is 'Settings of the team.';
comment on column public.teams.feature_flags is 'Features switched on for the team.';
comment on column public.teams.created_at is 'Since when.';

comment on column public.thread_mutes.file_key is 'File of the thread.';
comment on column public.thread_mutes.root_comment_id is 'Root comment of the thread.';
comment on column public.thread_mutes.muted_by is 'Figma id of who wrote "stop".';
comment on column public.thread_mutes.muted_at is 'When.';

comment on column public.usage_daily_users.day is 'UTC day.';
comment on column public.usage_daily_users.user_id is 'Paying user.';
comment on column public.usage_daily_users.plan_code is 'Plan at that moment.';
comment on column public.usage_daily_users.answered is 'Ledger rows with status answered.';
comment on column public.usage_daily_users.refused is '… refused.';
comment on column public.usage_daily_users.failed is '… failed.';
comment on column public.usage_daily_users.unpriced is '… without a known price.';
comment on column public.usage_daily_users.input_tokens is 'Sum of input tokens.';
comment on column public.usage_daily_users.output_tokens is 'Sum of output tokens.';
comment on column public.usage_daily_users.cost_microusd is 'Sum of known costs in micro-dollars.';

comment on column public.usage_hourly.hour is 'Start of the UTC hour.';
comment on column public.usage_hourly.plan_code is 'Plan of the payer; empty for guests.';
comment on column public.usage_hourly.feature is 'comment, command, invite …';
comment on column public.usage_hourly.provider is 'Model provider; empty without a model call.';
comment on column public.usage_hourly.model is 'Model; empty without a model call.';
comment on column public.usage_hourly.status is 'answered, refused or failed.';
comment on column public.usage_hourly.error_code is 'Reason of a refusal or failure; else empty.';
comment on column public.usage_hourly.uses is 'Ledger rows.';
comment on column public.usage_hourly.unpriced is 'Ledger rows without a known price.';
comment on column public.usage_hourly.input_tokens is 'Sum of input tokens.';
comment on column public.usage_hourly.cached_input_tokens is 'Sum of cached input tokens.';
comment on column public.usage_hourly.output_tokens is 'Sum of output tokens.';
comment on column public.usage_hourly.reasoning_tokens is 'Sum of reasoning tokens.';
comment on column public.usage_hourly.cost_microusd is 'Sum of known costs in micro-dollars.';
comment on column public.usage_hourly.latency_ms_sum is 'Sum of latencies in ms.';
comment on column public.usage_hourly.model_latency_ms_sum is 'Sum of model latencies in ms.';
comment on column public.usage_hourly.model_latency_histogram is 'As latency_histogram, of the model''s own time; empty calls are not counted.';

comment on column public.usage_logs.id is 'Order of writing.';
comment on column public.usage_logs.at is 'When the use was settled, refused or given up.';
comment on column public.usage_logs.answer_id is 'The answer it belongs to.';
comment on column public.usage_logs.run is 'Which run of it: replays get a row of their own.';
comment on column public.usage_logs.feature is 'comment, command, invite …';
comment on column public.usage_logs.status is 'answered, refused or failed.';
comment on column public.usage_logs.error_code is 'Reason of a refusal or failure; else empty.';
comment on column public.usage_logs.team_id is 'Team of the payer at that moment.';
comment on column public.usage_logs.plan_code is 'Plan of the payer at that moment.';
comment on column public.usage_logs.receipt_id is 'The settled or released receipt; NULL for free replies.';
comment on column public.usage_logs.file_key is 'Figma file.';
comment on column public.usage_logs.provider is 'Model provider; empty without a model call.';
comment on column public.usage_logs.model is 'Model; empty without a model call.';
comment on column public.usage_logs.input_tokens is 'Input tokens of all billed attempts.';
comment on column public.usage_logs.cached_input_tokens is 'Part of input read from the provider''s cache.';
comment on column public.usage_logs.output_tokens is 'Output tokens of all billed attempts.';
comment on column public.usage_logs.reasoning_tokens is 'Part of output spent on reasoning.';
comment on column public.usage_logs.cost_state is 'reported by the provider, priced by price_name, or unpriced.';
comment on column public.usage_logs.price_name is 'The named price, or why there is none.';
comment on column public.usage_logs.model_latency_ms is 'Time waited for models, in ms.';
comment on column public.usage_logs.figma_latency_ms is 'Time waited for Figma, in ms.';
comment on column public.usage_logs.fallbacks is 'Providers that failed before the one that answered.';
comment on column public.usage_logs.context_version is 'Context version in force.';
comment on column public.usage_logs.prompt_version is 'Version of the prompt''s wording.';
comment on column public.usage_logs.request_id is 'Follows the comment through every log line.';

comment on column public.use_balances.user_id is 'Whose uses.';
comment on column public.use_balances.plan_code is 'Of which plan.';
comment on column public.use_balances.period_start is 'Start of the period (UTC); -infinity for a plan without periods.';
comment on column public.use_balances.used is 'Settled uses.';
comment on column public.use_balances.reserved is 'Uses of answers under way.';

comment on column public.use_receipts.id is 'Our id.';
comment on column public.use_receipts.answer_id is 'For which answer.';
comment on column public.use_receipts.run is 'Which run of it.';
comment on column public.use_receipts.user_id is 'Who pays.';
comment on column public.use_receipts.plan_code is 'From which plan.';
comment on column public.use_receipts.period_start is 'From which period.';
comment on column public.use_receipts.state is 'reserved, settled or released.';
comment on column public.use_receipts.reason is 'Why it was released.';
comment on column public.use_receipts.reply_comment_id is 'The posted reply it was settled against.';
comment on column public.use_receipts.reserved_at is 'When reserved.';
comment on column public.use_receipts.closed_at is 'When settled or released.';

comment on column public.user_context_versions.user_id is 'Whose context.';
comment on column public.user_context_versions.version is 'Counts from 1.';
comment on column public.user_context_versions.content is 'The fields of the context.';
comment on column public.user_context_versions.reason is 'Why an operator changed it.';
comment on column public.user_context_versions.saved_at is 'Since when it was in force.';

comment on column public.user_contexts.user_id is 'Whose context.';
comment on column public.user_contexts.version is 'Version in force; a save must name it.';
comment on column public.user_contexts.instructions is 'Free guidance, up to 4000 characters.';
comment on column public.user_contexts.tone is 'How replies should sound.';
comment on column public.user_contexts.brand is 'What the brand is about.';
comment on column public.user_contexts.design_system_rules is 'Rules the design must follow.';
comment on column public.user_contexts.language is 'Language of replies, as a BCP 47 tag or in words.';
comment on column public.user_contexts.focus_areas is 'What matters most, e.g. contrast.';
comment on column public.user_contexts.model is 'Chosen model; empty: the default.';
comment on column public.user_contexts.updated_at is 'When it was last saved.';

comment on column public.user_webhooks.id is 'Our id.';
comment on column public.user_webhooks.user_id is 'The owner.';
comment on column public.user_webhooks.figma_webhook_id is 'Figma''s id; NULL until Figma answered or sent its PING.';
comment on column public.user_webhooks.context is 'team, project or file.';
comment on column public.user_webhooks.context_id is 'Figma''s id of the team or project, or the file key.';
comment on column public.user_webhooks.label is 'Name shown to the owner.';
comment on column public.user_webhooks.passcode_encrypted is 'The passcode Figma echoes in each delivery, encrypted.';
comment on column public.user_webhooks.state is 'creating, active, paused or deleted.';
comment on column public.user_webhooks.created_at is 'When it was asked for.';
comment on column public.user_webhooks.last_event_at is 'Last delivery, to within five seconds.';
comment on column public.user_webhooks.deleted_at is 'When it was switched off.';

comment on column public.users.id is 'Our id.';
comment on column public.users.handle is 'Display name at Figma; not unique.';
comment on column public.users.email is 'Address at Figma; granted to no operator.';
comment on column public.users.image_url is 'Avatar at Figma.';
comment on column public.users.team_id is 'Their organisation, if any.';
comment on column public.users.state is 'active, suspended or deleted.';
comment on column public.users.first_seen_at is 'Sign-up.';
comment on column public.users.last_seen_at is 'Last request with a session, to within a minute.';

comment on column public.webhook_deliveries.id is 'Order of arrival.';
comment on column public.webhook_deliveries.webhook_id is 'The webhook it came from.';
comment on column public.webhook_deliveries.event_type is 'Figma''s name of the event.';
comment on column public.webhook_deliveries.payload is 'The body without its passcode. Granted to no operator.';
comment on column public.webhook_deliveries.redelivered is 'How often the same event came again.';
comment on column public.webhook_deliveries.answer_id is 'The answer it led to, if any.';
comment on column public.webhook_deliveries.request_id is 'Request id of its first arrival.';
comment on column public.webhook_deliveries.received_at is 'First arrival.';
comment on column public.webhook_deliveries.last_received_at is 'Latest arrival.';
