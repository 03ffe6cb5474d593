"""The kinds of alerts in words, and the check of a channel's address."""

from urllib.parse import urlsplit

from dashboard.settings.alert_edits import Place
from service.config_checks import check_receiver

KINDS = {
    "budget": "Budgets at 50, 80 and 100 %",
    "dead_letter": "Dead letters",
    "error_budget": "Error budget burns",
    "queue_stuck": "Queue stuck",
    "no_worker": "No worker runs",
    "figma_quota": "Figma quota used up",
    "unpriced": "Calls without a price",
    "webhook_paused": "Webhook paused for what Figma does not confirm",
    "author_limit": "Somebody's replies of a day used up",
    "unbilled": "Model cost without a use",
    "connection_lost": "Questions wait for a sign-in",
    "isolation": "Accounts are not isolated",
    "bill_drift": "A provider's bill over 2 % from our books",
    "weekly_report": "Weekly report",
    "day_spend": "The day's spend on models is reached",
    "silence": "Nothing arrives or is answered",
    "refresh_failing": "Connections are not renewed",
    "model_failing": "A model fails",
    "builds_failing": "Components fail",
    "disk": "A disk fills",
    "certificate": "Certificate ends or is refused",
    "backup_missing": "No backup of the last day",
    "advice_rule": "A rule whose advice nobody takes",
}
SORTS = {"webhook": "Webhook, signed", "slack": "Slack or compatible", "mail": "Mail"}
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class AddressProblem(Exception):
    """The address is not valid; the message says why. The service checks where it leads."""


def read_mail_address(text: str) -> Place:
    """Validate a typed address of mail. Raises AddressProblem."""
    try:
        address = check_receiver(text.strip())
    except ValueError:
        raise AddressProblem(
            "Enter one address of mail, such as ops@example.com. For more receivers, add a channel "
            "for each, or enter the address of a mailing list."
        ) from None
    return Place(f"mailto:{address}", address.rpartition("@")[2])


def read_address(text: str, secret: str | None) -> Place:
    """Validate a typed address. Raises AddressProblem."""
    url = text.strip()
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or parts.scheme not in ("https", "http") or any(map(str.isspace, url)):
        raise AddressProblem("Enter the full address, beginning with https://.")
    if parts.username is not None or parts.password is not None:
        raise AddressProblem("Leave out the user name and password: they would not be sent.")
    if parts.scheme != "https" and host not in LOOPBACK:
        raise AddressProblem("The address has to begin with https://.")
    if host not in LOOPBACK and port not in (None, 443):
        raise AddressProblem("Leave out the port: alerts are sent to 443, that of https, alone.")
    return Place(url, f"{host}:{port}" if port else host, secret)
