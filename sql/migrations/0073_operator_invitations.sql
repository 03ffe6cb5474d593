-- Invitations of operators: a founder names an address and a role, a worker has Supabase Auth send the mail, and
-- whoever opens its link becomes an operator.

create table public.operator_invitations (
    id uuid primary key,
    email text not null,
    role text not null,
    state text not null default 'sending',
    problem text not null default '',
    address text not null,
    token_hash text,
    sends integer not null default 1,
    version integer not null default 1,
    invited_by text not null,
    requested_at timestamptz not null default now(),
    taken_at timestamptz,
    sent_at timestamptz,
    expires_at timestamptz not null,
    closed_at timestamptz,
    constraint operator_invitations_email check (email = lower(email) and length(email) between 3 and 254),
    constraint operator_invitations_role check (role in ('founder', 'support', 'finance')),
    constraint operator_invitations_state check (state in ('sending', 'sent', 'failed', 'accepted', 'expired', 'removed'))
);
create unique index operator_invitations_open on public.operator_invitations (email)
    where state in ('sending', 'sent', 'failed');
create index operator_invitations_token_hash on public.operator_invitations (token_hash);
comment on table public.operator_invitations is 'Who was invited to the dashboard, by whom, and what became of it. One is open per address.';
comment on column public.operator_invitations.id is 'Chosen by the page, so that a repeated call invites once.';
comment on column public.operator_invitations.email is 'Who is invited, in small letters.';
comment on column public.operator_invitations.role is 'The role of whoever accepts.';
comment on column public.operator_invitations.state is 'sending (a worker will send, or does), sent, failed (see problem); accepted, expired or removed. An open one whose expires_at is over is expired, too.';
comment on column public.operator_invitations.problem is 'Code of why the last mail was not sent; empty: it was, or is not yet.';
comment on column public.operator_invitations.address is 'Where the dashboard is, for the link in the mail.';
comment on column public.operator_invitations.token_hash is 'SHA-256 of the secret in the link of the newest mail; NULL before the first. Granted to no operator.';
comment on column public.operator_invitations.sends is 'How many mails were asked for.';
comment on column public.operator_invitations.version is 'Counts what founders change; a change must name the version it saw.';
comment on column public.operator_invitations.invited_by is 'E-mail address of the founder.';
comment on column public.operator_invitations.requested_at is 'When the newest mail was asked for.';
comment on column public.operator_invitations.taken_at is 'When a worker began to send it. Each mail is begun once: one that a worker lost is failed, not sent again.';
comment on column public.operator_invitations.sent_at is 'When Supabase Auth took the newest mail.';
comment on column public.operator_invitations.expires_at is 'Until when it can be accepted: seven days from the newest mail.';
comment on column public.operator_invitations.closed_at is 'When it was accepted, expired or removed.';
create trigger operator_invitations_audit after insert on public.operator_invitations
    for each row execute function private.audit('token_hash');
create trigger operator_invitations_audit_change after update on public.operator_invitations for each row
    when (
        old.sends <> new.sends
        or (old.state <> new.state and new.state in ('failed', 'accepted', 'removed'))
    )
    execute function private.audit('token_hash');
alter table public.operator_invitations enable row level security;
revoke all on public.operator_invitations from public, anon, authenticated;
grant select, insert, update, delete on public.operator_invitations to service_role;
grant select (
    id, email, role, state, problem, sends, version, invited_by, requested_at, sent_at, expires_at, closed_at
) on public.operator_invitations to authenticated;
create policy operator_invitations_select on public.operator_invitations for select to authenticated
    using ((select private.operator_role()) = 'founder');
