-- Alerts go out by mail, too.
alter table public.alert_channels drop constraint alert_channels_kind;
alter table public.alert_channels add constraint alert_channels_kind check (kind in ('webhook', 'slack', 'mail'));
comment on column public.alert_channels.kind is 'webhook: signed per Standard Webhooks (https://www.standardwebhooks.com); slack: {"text": …} to an incoming webhook; mail: over SMTP_URL.';
comment on column public.alert_channels.host is 'Host of its address, to know it by. The rest of a Slack address is a secret; of an address of mail the part after the @.';
