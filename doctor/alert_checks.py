"""The channels of alerts: there, readable, reachable. Only `--send-test` sends anything."""

from datetime import UTC, datetime
from uuid import uuid4

from doctor.finding import Finding, Skip, failed, ok, warning
from doctor.running import Check
from doctor.world import World
from service.alerts.delivery import send_to
from service.alerts.mail import NOT_SET
from service.public_addresses import AddressRefused, NameNotFound, check_address
from service.secrets.encryption import UnreadableSecret
from service.secrets.unsealing import SealingKeys
from service.store.upkeep_records import Alert

_CHANNELS = """
select channels.id::text, channels.kind, channels.name, secrets.sealed, (
        select reason from public.alert_deliveries
        where channel_id = channels.id and state in ('delivered', 'failed')
        order by closed_at desc limit 1)
from public.alert_channels as channels
left join public.alert_channel_secrets as secrets on secrets.channel_id = channels.id
where channels.state = 'on' order by channels.name
"""
_SET_MAIL = "Set SMTP_URL and MAIL_FROM (docs/settings.md), then `make doctor ARGS=--send-test`."


def channels(world: World) -> Finding | list[Finding]:
    rows = world.rows(_CHANNELS)
    if not rows:
        if world.is_local:
            raise Skip("A local run: nobody is alerted.")
        return warning(
            "No channel of alerts is on.",
            "When something breaks, you hear of it from your customers.",
            "Add one on the dashboard: Settings, Alerts.",
        )
    return [_look_at(world, *row) for row in rows]


def _look_at(
    world: World, channel_id: str, kind: str, name: str, sealed: str, last_reason: str | None
) -> Finding:
    try:
        opened = SealingKeys(world.settings).open(channel_id, sealed or "")
        if kind != "mail":
            check_address(opened.url, is_local=world.is_local)
    except UnreadableSecret:
        return _broken(name, "Its address opens with no key of TOKEN_ENCRYPTION_KEYS.")
    except (AddressRefused, NameNotFound) as refusal:
        return _broken(name, f"Nothing is sent there. {refusal}")
    if kind == "mail" and world.settings.smtp_url is None:
        return failed(NOT_SET, "Alerts to this channel are lost.", _SET_MAIL, about=name)
    if world.sends:
        test = Alert(
            id=str(uuid4()), kind="test", title="A test by `make doctor`",
            detail="This channel works.", parameters=None,
            at=datetime.now(UTC).isoformat(), ended_at=None,
        )  # fmt: skip
        outcome = send_to(world.settings, kind, opened, test.id, test)
        return (
            ok("A test arrived.", about=name)
            if outcome.is_delivered
            else _broken(name, outcome.reason)
        )
    if last_reason:
        return _broken(name, f"The last alert did not arrive: {last_reason}")
    return ok("Its address can be read and leads somewhere; nothing was sent.", about=name)


def _broken(name: str, what: str) -> Finding:
    return failed(
        what,
        "Alerts to this channel are lost.",
        "Enter the address anew on the dashboard: Settings, Alerts; then *Send a test*.",
        about=name,
    )


CHECKS = (Check("channels", "alerts", channels),)
