"""Words of strangers in an alert, made so that no receiver finds a link, a mention or markup.

People choose what they are called, and their teams and files: "https://evil.example/login" is such
a name. Slack, Teams, Mattermost and mail programs make links of what looks like one, and each has a
markup of its own; none has an escape that the others do not show. So an address gets spaces, and a
sign of markup one that looks alike. A signed webhook gets the names as they are: it is data.
"""

import re
from collections.abc import Mapping
from typing import Any

from service.alert_sentences import alert_words
from service.figma.addresses import find_addresses
from service.store.upkeep_records import Alert

# Of every kind of alert: what comes from settings, not from people.
OURS = frozenset({"address", "host"})
_ALIKE = str.maketrans("*`~[]|\\", "∗'∼()¦/")
_JOINTS = re.compile(r"[.．｡:：/／@＠﹫](?=\S)")
_MENTION = re.compile(r"[@＠﹫](?=\w)")
_EMPHASIS = re.compile(r"(?<!\w)_+|_+(?!\w)")


def inert_words(alert: Alert) -> tuple[str, str]:
    """Title and detail of an alert, in which nothing that strangers chose does anything."""
    parameters = None if alert.parameters is None else _inert(alert.parameters)
    return alert_words(alert.kind, parameters, inert(alert.title), inert(alert.detail))


def inert(text: str) -> str:
    """One line without links, mentions and markup."""
    text = " ".join(text.split())
    for found in reversed(list(find_addresses(text))):
        apart = _JOINTS.sub(r"\g<0> ", found.text)
        text = text[: found.start] + apart + text[found.end :]
    text = _MENTION.sub(r"\g<0> ", text)
    return _EMPHASIS.sub("-", text).translate(_ALIKE)


def _inert(value: Any) -> Any:
    if isinstance(value, str):
        return inert(value)
    if isinstance(value, Mapping):
        return {key: each if key in OURS else _inert(each) for key, each in value.items()}
    return [_inert(each) for each in value] if isinstance(value, list) else value
