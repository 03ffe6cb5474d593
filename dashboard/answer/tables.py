"""The parts of one answer as tables of plain words."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pandas as pd

from dashboard.answer.queries import Detail
from dashboard.data.call_records import Attempt
from dashboard.parts import call_tables, causes, formats, words
from dashboard.parts.answer_table import reason_of

STEPS = {
    "confirmed": "Read at Figma and confirmed",
    "begun": "Decided, a use reserved",
    "thread_read": "Thread read",
    "design_read": "Design read and measured",
    "model_asked": "Models asked, reply drafted",
    "posting": "Draft stored, free to post",
    "posted": "Posted",
    "settled": "Booked",
}
ENDS = {
    "drafted": "✓ Reply drafted",
    "failed": "✕ Failed",
    "deferred": "◷ Put off",
    "given_up": "✕ Given up",
    "lost": "◌ Its worker was lost",
}
RECEIPTS = {
    "reserved": "◌ Reserved",
    "settled": "✓ One use taken",
    "released": "○ Given back",
    "withdrawn": "– One use taken: the question was withdrawn",
}
DID = {"REVEAL": "Looked at its words", "UPDATE": "Replayed or discarded it"}


def course(found: Detail, zone: str) -> pd.DataFrame:
    """Every moment that is known, in order: columns Step, At, After."""
    moments = sorted(_moments(found), key=lambda each: each[0])
    rows: list[dict[str, str]] = []
    before: datetime | None = None
    for at, what in moments:
        took = formats.NONE if before is None else _took(at - before)
        rows.append({"Step": what, "At": words.moment(at.isoformat(), zone), "After": took})
        before = at
    return pd.DataFrame(rows, columns=["Step", "At", "After"])


def _moments(found: Detail) -> Iterator[tuple[datetime, str]]:
    for at, what in (
        (found.asked_at, "Comment written (Figma's clock)"),
        (found.received_at, "First delivery arrived"),
        (found.reply_created_at, "Reply in the thread (Figma's clock)"),
        (found.settled_at, "Answer closed"),
    ):
        if at:
            yield datetime.fromisoformat(at), what
    for each in found.attempts:
        yield from _of_attempt(each, len(found.attempts) > 1)


def _of_attempt(each: Attempt, is_one_of_many: bool) -> Iterator[tuple[datetime, str]]:
    """Steps are told from the attempt's beginning; when it was written down is the last of them."""
    label = f"Attempt {each.attempt}: " if is_one_of_many else ""
    end = datetime.fromisoformat(each.at)
    last = each.steps[-1].ms if each.steps else 0
    for step in each.steps:
        at = end - timedelta(milliseconds=last - step.ms)
        yield at, label + STEPS.get(step.step, step.step.replace("_", " ").capitalize())
    if each.ended != "drafted":
        why = causes.cause(each.reason)
        yield end, f"{label}{ENDS.get(each.ended, each.ended)}{f' ({why})' if why else ''}"


def _took(gap: timedelta) -> str:
    return formats.duration(max(0.0, gap.total_seconds() * 1000))


def attempts(found: Detail, zone: str) -> pd.DataFrame:
    """One row per attempt, the lost ones too: they left nothing but their number."""
    if not found.attempts:
        return pd.DataFrame()
    known = {each.attempt: each for each in found.attempts}
    first, last = min(known), max([*known, found.attempt])
    rows = []
    for number in range(first, last + 1):
        each = known.get(number)
        is_open = each is None and number == found.attempt and not found.settled_at
        rows.append(
            {
                "Attempt": number,
                "Run": str(each.run) if each else formats.NONE,
                "End": ENDS.get(each.ended, each.ended) if each
                else "▸ In work" if is_open else _silent(found, number),
                "At": words.moment(each.at, zone) if each else formats.NONE,
                "Model calls": sum(call.outcome != "skipped" for call in each.calls) if each else 0,
                "Cost": call_tables.together(each.calls) if each else formats.NONE,
                "Took": formats.duration(each.steps[-1].ms if each and each.steps else None),
                "Prompt": "kept" if each and each.has_prompt else "none",
                "Picture": "sent" if each and each.saw_picture else "none",
                "Why": causes.cause(each.reason) if each and each.reason else "",
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def _silent(found: Detail, number: int) -> str:
    """An attempt without a row: the last one found a stored draft, earlier ones were lost."""
    return "✓ Posted a stored draft" if number == found.attempt else ENDS["lost"]


def receipts(rows: pd.DataFrame, zone: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Run": rows["run"],
            "State": [RECEIPTS.get(each, each) for each in rows["state"]],
            "Plan": [words.plan(each) for each in rows["plan_code"]],
            "Reserved": _times(rows["reserved_at"], zone),
            "Closed": _times(rows["closed_at"], zone),
            "Why": [reason_of(each, "") if each else "" for each in rows["reason"]],
        }
    )


def deliveries(rows: pd.DataFrame, zone: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Arrived": _times(rows["received_at"], zone),
            "What became of it": [causes.outcome(each) for each in rows["outcome"]],
            "Delivered again": rows["redelivered"],
            "Request": rows["request_id"],
        }
    )


def audit(rows: pd.DataFrame, zone: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "When": _times(rows["at"], zone),
            "Who": rows["actor"],
            "What": [DID.get(each, each.capitalize()) for each in rows["operation"]],
            "Reason": rows["reason"],
        }
    )


def _times(column: pd.Series, zone: str) -> list[str]:
    return [formats.NONE if pd.isna(at) else words.moment(at.isoformat(), zone) for at in column]
