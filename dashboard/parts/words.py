"""Words and times that several pages write alike."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

GUEST_RULES = {
    "invite": "Invite them once per file",
    "owner_pays": "Answer, the owner pays",
    "ignore": "Ignore them",
}

PLACES = {"file": "File", "project": "Project", "team": "Team"}
# Invisible; where it stands, nothing that looks like an address is taken for one.
WORD_JOINER = "\u2060"
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~$:&])")


def plain(text: str) -> str:
    """Somebody's text so that Markdown shows it as it is, on one line."""
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split()))


def label(text: str) -> str:
    """As `plain`, for what is clicked itself: an e-mail address in it does not become a link."""
    return plain(text).replace("@", f"@{WORD_JOINER}")


def moment(at: str, zone: str) -> str:
    """ "21 Nov 2026, 14:03:05" in the reporting zone."""
    return f"{datetime.fromisoformat(at).astimezone(ZoneInfo(zone)):%-d %b %Y, %H:%M:%S}"
