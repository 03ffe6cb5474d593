-- Who deleted their own account kept their plan and was charged on: it ends at the moment they left. Closed months keep
-- their statements; what they charged since is booked back in the next open one.
delete from public.subscriptions as s
using public.activity as gone
where gone.user_id = s.user_id and gone.kind = 'account_deleted' and s.starts_at >= gone.at;
update public.subscriptions as s set ends_at = gone.at
from public.activity as gone
where gone.user_id = s.user_id and gone.kind = 'account_deleted' and (s.ends_at is null or s.ends_at > gone.at);

comment on column public.plugin_handovers.user_id is 'Who answered it: agreed or declined.';
comment on column public.plugin_handovers.expires_at is 'When it can no longer be collected; at once where it was declined.';
