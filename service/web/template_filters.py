"""The words for times and states on the pages."""

from datetime import UTC, datetime

from flask import Flask

from service.figma.clean_text import showable
from service.store.webhook_records import UserWebhook

_ANSWER_STATES = {
    "queued": ("Waiting", "waiting"),
    "working": ("Being answered", "waiting"),
    "deferred": ("Put off", "waiting"),
    "answered": ("Answered", "good"),
    "refused": ("Declined", "muted"),
    "ignored": ("Ignored", "muted"),
    "failed": ("Failed", "problem"),
}
_WEBHOOK_STATES = {
    "creating": ("Being set up", "waiting"),
    "active": ("On", "good"),
    "paused": ("Paused", "muted"),
}
# An active webhook that has not received anything from Figma yet, by its contact.
_UNHEARD = {
    "waiting": ("Waiting for Figma", "waiting"),
    "none": ("No word from Figma yet", "waiting"),
}


# Why a comment got no reply, if the reason is not obvious.
_UNANSWERED = {
    "loop_breaker": "The buddy had paused in this thread after several replies. Ask again later.",
    "thread_muted": "The thread is muted: somebody wrote stop in it.",
    "too_fast": "Too many comments within a minute.",
    "author_limit": "Too many replies in this file within a day: silence until tomorrow.",
    "webhook_paused": "The webhook is paused.",
    "guest_already_invited": "Not connected, and invited before.",
    "guest_ignored": "Not connected.",
    "dropped_by_owner": "The owner of the buddy there chose not to post the answer.",
    "preview_expired": "The owner of the buddy there did not release the answer within a day.",
}


def add_filters(app: Flask) -> None:
    app.jinja_env.filters["unanswered_reason"] = lambda reason: _UNANSWERED.get(reason, "")
    app.jinja_env.filters["ago"] = describe_age
    app.jinja_env.filters["words"] = lambda text: showable(text or "")
    app.jinja_env.filters["moment"] = lambda value: f"{value.astimezone(UTC):%-d %B, %H:%M} UTC"
    app.jinja_env.filters["day"] = lambda value: value.strftime("%-d %B %Y")
    app.jinja_env.filters["answer_state"] = lambda state: _word(_ANSWER_STATES, state)
    app.jinja_env.filters["webhook_state"] = describe_webhook
    app.jinja_env.filters["initials"] = read_initials
    app.jinja_env.filters["took"] = describe_duration
    app.jinja_env.filters["size"] = describe_size


def describe_webhook(webhook: UserWebhook) -> tuple[str, str]:
    """The word for a webhook's state, and its colour. ``account.js`` has the same words."""
    if webhook.is_paused_by_operator:
        is_ours = webhook.paused_because == "unconfirmed_deliveries"
        return ("Paused by the buddy" if is_ours else "Paused by support"), "problem"
    if webhook.state == "active" and webhook.contact in _UNHEARD:
        return _UNHEARD[webhook.contact]
    return _word(_WEBHOOK_STATES, webhook.state)


def _word(words: dict[str, tuple[str, str]], state: str) -> tuple[str, str]:
    return words.get(state, (state.replace("_", " ").capitalize(), "muted"))


def describe_age(value: datetime | None) -> str:
    """ "just now", "5 minutes ago", … and the date after a week."""
    if not value:
        return "never"
    seconds = int((datetime.now(UTC) - value).total_seconds())
    if seconds < 60:
        return "just now"
    for size, name in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        count = seconds // size
        if count:
            if name == "day" and count > 7:
                return value.strftime("%-d %B %Y")
            return f"{count} {name}{'s' if count > 1 else ''} ago"
    return "just now"


def read_initials(name: str) -> str:
    words = [word for word in name.split() if word]
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper() or "?"


def describe_duration(seconds: float) -> str:
    """ "0.4 s", "12 s", "3 min 5 s", "1 h 2 min"."""
    if seconds < 9.95:
        return f"{seconds:.1f} s".replace(".0 s", " s")
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, left = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {left} s" if left else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def describe_size(count: int) -> str:
    """A number of bytes: "640 B", "12 kB", "1.4 MB"."""
    if count < 1000:
        return f"{count} B"
    if count < 1_000_000:
        return f"{round(count / 1000)} kB"
    return f"{count / 1_000_000:.1f} MB"
