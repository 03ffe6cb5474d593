-- A webhook that its owner removes while Figma cannot be reached goes the same way as those of a deleted account.

comment on table public.webhook_removals is 'Webhooks to be removed at Figma after their owner removed them here or deleted the account, and what came of it.';
comment on column public.webhook_removals.user_id is 'Who removed it, or whose account was deleted.';
comment on column public.webhook_removals.asked_at is 'When it was removed here, or the account was deleted. Seven days later it is given up.';
comment on column public.webhook_removals.outcome is 'removed (also: was gone already), taken_over (somebody switched the buddy on there again, with this webhook), or left at Figma; NULL while it is tried.';
