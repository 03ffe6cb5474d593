"""Whether a fault was told once and its end once: pure functions over what was seen."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

Row = dict[str, Any]
# Occurrence, state, title, and when it arrived in seconds since 1970.
Posted = tuple[str, str, str, float]


@dataclass(frozen=True)
class Seen:
    """A raised alert. ``at`` and ``ended`` in seconds since 1970; ``title`` as it was told."""

    id: str
    kind: str
    subject: str
    at: float
    ended: float | None


@dataclass
class Course:
    """One fault: what it is, when it was made and cured, and which times were set back."""

    name: str
    kind: str
    subject: str
    fault: str
    set_back: str
    has_end: bool
    doctor_check: str
    struck: float | None = None
    cured: float | None = None
    trouble: str = ""

    def alerts(self, seen: list[Seen]) -> list[Seen]:
        """Those of this fault: of its kind, about what it is about."""
        found = (each for each in seen if each.kind == self.kind and self.struck is not None)
        return [each for each in found if self.subject in each.subject]


def times_told(alert: Seen, state: str, webhooks: list[Posted]) -> int:
    return sum((who, what) == (alert.id, state) for who, what, _, _ in webhooks)


def mails_told(alert: Seen, state: str, webhooks: list[Posted], mails: list[str]) -> int:
    """Mails with its title, shared among the occurrences that have the same."""
    titles = {title for who, what, title, _ in webhooks if (who, what) == (alert.id, state)}
    if len(titles) != 1:
        return 0
    [title] = titles
    sharing = {who for who, what, said, _ in webhooks if (what, said) == (state, title)}
    return Counter(mails)[" ".join(title.split())] // len(sharing)


def judge(
    course: Course,
    seen: list[Seen],
    webhooks: list[Posted],
    mails: list[str],
    complaints: dict[str, str],
) -> tuple[Row, str]:
    """A row of the table, and what is wrong with it in words, or nothing."""
    alerts = course.alerts(seen)
    row: Row = {
        "alert": course.name,
        "fault": course.fault,
        "raised_s": "never",
        "told": "",
        "over_s": "never" if course.has_end else "for its day",
        "over_told": "",
        "set_back": course.set_back,
        "doctor": complaints.get(course.doctor_check, "says nothing")
        if course.doctor_check
        else "no check",
    }
    if course.trouble:
        return row, course.trouble
    if len(alerts) != 1:
        return row, f"raised {len(alerts)} times"
    [alert] = alerts
    assert course.struck is not None
    row["raised_s"] = round(max(0.0, alert.at - course.struck))
    told = _told(alert, "raised", webhooks, mails)
    row["told"] = f"{told[0]} + {told[1]}"
    if told != (1, 1):
        return row, f"told {told[0]} times by webhook and {told[1]} by mail"
    arrived = min(at for who, what, _, at in webhooks if (who, what) == (alert.id, "raised"))
    if course.cured is not None and arrived > course.cured:
        return row, f"told {arrived - course.cured:.0f} s after the cure"
    if not course.has_end:
        return row, ""
    if alert.ended is None or course.cured is None:
        return row, "not over"
    row["over_s"] = round(alert.ended - course.cured)
    over = (
        times_told(alert, "recovered", webhooks),
        mails_told(alert, "recovered", webhooks, mails),
    )
    row["over_told"] = f"{over[0]} + {over[1]}"
    return row, "" if over == (1, 1) else f"its end told {over[0]} and {over[1]} times"


def _told(alert: Seen, state: str, webhooks: list[Posted], mails: list[str]) -> tuple[int, int]:
    return times_told(alert, state, webhooks), mails_told(alert, state, webhooks, mails)
