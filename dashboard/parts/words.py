"""Words and times that several pages write the same way."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

GUEST_RULES = {
    "invite": "Invite them once per file",
    "owner_pays": "Answer, the owner pays",
    "ignore": "Ignore them",
}

PREVIEWS = {
    "off": "Posted at once",
    "first": "The first of each file waits for them",
    "always": "Each waits for them",
}

# What a team lets out to providers of AI models.
SHARING = {
    "texts_and_pictures": "Texts and pictures",
    "texts": "Texts, no pictures",
    "nothing": "Nothing",
}

PLACES = {"file": "File", "project": "Project", "team": "Team"}
# Days and minutes as every page writes them.
DAY = "%-d %b %Y"
MINUTE = f"{DAY}, %H:%M"
# Invisible. Inside an address it stops Markdown from making a link.
WORD_JOINER = "\u2060"
NO_BREAK_SPACE = "\u00a0"
# On a phone a line holds about twice as much.
SHORT_CHARS = 24
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~$:&])")


def plain(text: str) -> str:
    """Escape text from users: Markdown shows it unchanged, on one line."""
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split()))


def label(text: str) -> str:
    """As `plain`, for the text of a button or link: e-mail addresses do not become links."""
    return plain(text).replace("@", f"@{WORD_JOINER}")


def on_one_line(text: str) -> str:
    """A few words, as "took 1.5 s", are not broken at the end of a line. Longer text is."""
    return text if len(text) > SHORT_CHARS else text.replace(" ", NO_BREAK_SPACE)


def plan(code: str) -> str:
    """A plan's code as a word, where its name of that time is not at hand."""
    return code.replace("_", " ").capitalize()


def day(at: str) -> str:
    """ "21 Nov 2026", of a moment in ISO 8601: the day that it names."""
    return f"{datetime.fromisoformat(at):{DAY}}"


def minute(at: str) -> str:
    """ "21 Nov 2026, 14:03", in UTC, which the heading above has to say."""
    return f"{datetime.fromisoformat(at).astimezone(UTC):{MINUTE}}"


def moment(at: str, zone: str) -> str:
    """ "21 Nov 2026, 14:03:05 CET": in the reporting zone, which it names."""
    return f"{datetime.fromisoformat(at).astimezone(ZoneInfo(zone)):%-d %b %Y, %H:%M:%S %Z}"
