"""Whether the product is at work: workers, the queue, its upkeep, its limits, its backups."""

from datetime import UTC, datetime, timedelta

from doctor.finding import Finding, Skip, failed, ok, warning
from doctor.running import Check
from doctor.world import World
from service.secrets.encryption import UnreadableSecret, Vault
from service.secrets.unsealing import SealingKeys
from service.store.upkeep_records import QueueStatus

OLD_SECONDS, STUCK_SECONDS = 120, 600
SAMPLE_SECONDS = 300
# Backups are made daily; one may be late.
BACKUP_WARNING, BACKUP_FAILED = timedelta(hours=26), timedelta(hours=72)
# The nightly watch runs once since 02:00 UTC.
WATCH_HOURS = 27
# So many stored secrets of each kind are opened.
OPENED = 50


def _queue(world: World) -> QueueStatus:
    [(status,)] = world.rows("select public.queue_status()")
    return QueueStatus.from_json(status)


def worker(world: World) -> Finding:
    alive = _queue(world).workers
    if not alive:
        return failed(
            "No worker is running.",
            "Comments are kept, and nobody answers them.",
            "Start one: `python -m service.worker`, or the host's process `worker`.",
        )
    return ok(f"{alive} alive.")


def builder(world: World) -> Finding:
    status = _queue(world)
    if status.builders:
        return ok(f"{status.builders} alive.")
    if status.builds_waiting:
        return failed(
            f"No builder is running, and {status.builds_waiting} stages wait for one.",
            "Components that people asked for stay in *Plan*.",
            "Start one: `python -m service.builder`, or the host's process `builder`.",
        )
    return warning(
        "No builder is running.",
        "Whoever asks for a component waits; answers and analyses go on.",
        "Start one: `python -m service.builder`, or the host's process `builder`.",
    )


def queue_age(world: World) -> Finding:
    status = _queue(world)
    waits = f"The oldest question waits for {status.oldest_seconds:.0f} s"
    if status.oldest_seconds > OLD_SECONDS:
        judge = failed if status.oldest_seconds > STUCK_SECONDS else warning
        return judge(
            f"{waits}, and {status.queued} are in the queue.",
            "People wait for replies.",
            "Look at the worker's log and the page Live; start more workers if they are at work.",
        )
    return ok(f"{status.queued} wait, {status.working} are in work.")


def dead_letters(world: World) -> Finding:
    count = _queue(world).dead_letters
    if count:
        return warning(
            f"{count} questions ended without a reply.",
            "Somebody asked and got nothing.",
            "Look at the page Dead letters, cure the cause, and replay them.",
        )
    return ok("None.")


_UPKEEP = """
select extract(epoch from now() - (select max(at) from public.queue_samples))::float8,
    (select count(*) from public.webhook_deliveries
        where received_at < now() - interval '30 days 3 hours'),
    (select count(*) from public.sessions where expires_at < now() - interval '3 hours'),
    (select told_at from public.service_profile)
"""


def upkeep(world: World) -> Finding:
    [(sampled, deliveries, sessions, told)] = world.rows(_UPKEEP)
    if told is None:
        raise Skip("No worker was ever here, so there is no upkeep to look at.")
    if sampled is None or sampled > SAMPLE_SECONDS:
        ago = "never" if sampled is None else f"{sampled / 60:.0f} minutes ago"
        return failed(
            f"The upkeep of a worker ran last {ago}.",
            "Alerts are not raised, prices and settings are not renewed, and nothing is forgotten.",
            "Look whether a worker runs, and for `upkeep_failed` in its log.",
        )
    if deliveries or sessions:
        return failed(
            f"{deliveries} deliveries and {sessions} sessions should have been deleted.",
            "People were told how long their data is kept.",
            "Look for `upkeep_failed` with the action `_purge` in the worker's log.",
        )
    return ok("It ran within five minutes, and nothing is kept for too long.")


_WATCH = """
select state, extract(epoch from now() - started_at)::float8 / 3600, problem
from public.isolation_runs where state <> 'running' order by started_at desc limit 1
"""


def isolation(world: World) -> Finding:
    found = world.rows(_WATCH)
    if not found:
        raise Skip("The nightly watch over isolation has not run yet.")
    [(state, hours, _)] = found
    if state == "red":
        return failed(
            "The nightly watch reached another account's rows.",
            "Strangers may read what is not theirs.",
            "Look at the alert, take web off the net until it is understood, and tell the owners.",
        )
    if state == "failed" or hours > WATCH_HOURS:
        return warning(
            f"The nightly watch over isolation last ended {hours:.0f} hours ago as {state}.",
            "A hole would be seen later.",
            "Look for `isolation` in the worker's log; it tries again by itself.",
        )
    return ok(f"The watch found no hole {hours:.0f} hours ago.")


_SECRETS = """
select 'connections to Figma', access_token_encrypted from (
    select access_token_encrypted from public.figma_tokens where revoked_at is null
    order by updated_at desc limit %(most)s) as tokens
union all select 'passcodes of webhooks', passcode_encrypted from (
    select passcode_encrypted from public.user_webhooks where state <> 'deleted'
    order by created_at desc limit %(most)s) as hooks
union all select 'tokens of GitHub', token_encrypted from (
    select token_encrypted from public.pipeline_targets where token_encrypted is not null
    limit %(most)s) as targets
"""
_SEALS = """
select channel_id::text, sealed from public.alert_channel_secrets
join public.alert_channels on id = channel_id where state = 'on'
"""


def stored_secrets(world: World) -> Finding:
    """The keys open what is stored: the newest of each kind are opened, and nothing is shown."""
    vault, seals = Vault(world.settings), SealingKeys(world.settings)
    opened, closed = 0, dict[str, int]()
    for kind, sealed in world.rows(_SECRETS.replace("%(most)s", str(OPENED))):
        try:
            vault.decrypt(sealed)
            opened += 1
        except UnreadableSecret:
            closed[kind] = closed.get(kind, 0) + 1
    for channel, sealed in world.rows(_SEALS):
        try:
            seals.open(channel, sealed)
            opened += 1
        except UnreadableSecret:
            closed["alert channels"] = closed.get("alert channels", 0) + 1
    if closed:
        told = ", ".join(f"{count} {kind}" for kind, count in closed.items())
        return failed(
            f"No key of TOKEN_ENCRYPTION_KEYS opens {told}.",
            "Their owners get no replies, and deliveries of theirs are refused.",
            "Put the key they were written with back; if it is lost, `make rotate ARGS=--give-up`.",
        )
    return ok(f"The keys open all {opened} that were tried." if opened else "None is stored yet.")


_CONNECTIONS = """
select count(*) filter (where revoked_at is null and expires_at < now()),
    count(*) filter (where revoked_at > now() - interval '7 days'), count(*)
from public.figma_tokens
"""


def figma_connections(world: World) -> Finding:
    [(expired, ended, total)] = world.rows(_CONNECTIONS)
    if expired:
        return warning(
            f"{expired} of {total} connections to Figma ran out without being renewed.",
            "The buddy cannot read or answer for their owners.",
            "Look for refused renewals in the worker's log; check FIGMA_CLIENT_SECRET.",
        )
    if ended > max(3, total // 10):
        return warning(
            f"Figma ended {ended} of {total} connections within a week.",
            "These people have to sign in again, and something may have made them leave.",
            "Check that the Figma app is still published, with the same scopes.",
        )
    return ok(f"{total} are stored, and none ran out.")


_QUOTAS = """
select count(*), count(distinct figma_user_id), max(limited_until)
from public.figma_quotas where limited_until > now()
"""


def quotas(world: World) -> Finding:
    [(count, people, until)] = world.rows(_QUOTAS)
    if count:
        return warning(
            f"Figma allows {people} accounts no more calls for now, the last until "
            f"{until:%Y-%m-%d %H:%M} UTC.",
            "Replies to their files lack the design, or wait.",
            "Wait, or give the bot account a Full seat in the plan of these files.",
        )
    return ok("Figma limits nobody just now.")


def spending(world: World) -> Finding:
    [(stopped, spent)] = world.rows(
        "select (select limit_microusd from public.spend_stops"
        " where day = (now() at time zone 'UTC')::date), private.day_spent_microusd()"
    )
    if stopped is not None:
        return failed(
            f"Models were stopped for today at ${stopped / 1e6:.2f}.",
            "People get the measured review instead, free, until midnight UTC.",
            "Raise SERVICE_MICROUSD_PER_DAY on the dashboard if the spending is right.",
        )
    return ok(f"Models cost ${spent / 1e6:.2f} today, and nothing was stopped.")


_BUDGETS = """
select budgets.scope, coalesce(costs.spent_microusd, 0) * 100 / budgets.monthly_microusd
from public.budgets left join private.budget_costs(
    date_trunc('month', private.reporting_day(now())::timestamp)::date
) as costs using (scope, scope_key)
where budgets.ended_at is null
"""
BUDGET_WARNING_PERCENT = 80


def budgets(world: World) -> Finding:
    standing = world.rows(_BUDGETS)
    near = [
        f"one of the scope {scope} at {percent} %"
        for scope, percent in standing
        if percent >= BUDGET_WARNING_PERCENT
    ]
    if near:
        return warning(
            f"Budgets of this month are nearly or wholly used: {', '.join(near)}.",
            "A budget only tells; nothing stops at it.",
            "Look at the page AI cost for what spends, and raise the budget if that is right.",
        )
    return ok(f"{len(standing)} are set, and none is near its end.")


def backup(world: World) -> Finding:
    found = world.rows("select moment, file_name from private.last_backup()")
    if not found:
        if world.is_local:
            raise Skip("A local run: nobody's data depends on its backups.")
        return warning(
            "No backup was ever recorded here.",
            "Without one, or Supabase's own, what is lost stays lost.",
            "Run `make backup` daily (docs/backup.md), beside Supabase's backups.",
        )
    [(moment, name)] = found
    age = datetime.now(UTC) - moment
    if age > BACKUP_WARNING:
        judge = failed if age > BACKUP_FAILED else warning
        return judge(
            f"The newest backup ({name}) is {age.total_seconds() / 3600:.0f} hours old.",
            "All that came since would be lost with the database.",
            "Look why the daily `make backup` did not run, and run it.",
        )
    return ok(f"{name}, {age.total_seconds() / 3600:.0f} hours old.")


CHECKS = (
    Check("worker", "work", worker),
    Check("builder", "work", builder),
    Check("queue_age", "work", queue_age),
    Check("dead_letters", "work", dead_letters),
    Check("upkeep", "work", upkeep),
    Check("isolation", "work", isolation),
    Check("stored_secrets", "work", stored_secrets),
    Check("figma_connections", "work", figma_connections),
    Check("quotas", "work", quotas),
    Check("spending", "work", spending),
    Check("budgets", "work", budgets),
    Check("backup", "work", backup),
)
