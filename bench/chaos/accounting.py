"""Whether the books are right: pure functions over rows, which name every row that is wrong."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]
# Ends of an answer, an analysis and a pipeline.
ANSWER_ENDS = ("answered", "refused", "ignored", "failed")
ANALYSIS_ENDS = ("done", "refused", "failed", "cancelled")
PIPELINE_ENDS = ("done", "failed", "cancelled")
# An attempt that was lost counts as one unknown call, and may have asked once more: for numbers
# that nobody measured, or a form that does not fit.
CALLS_AN_ATTEMPT = 2
# A use was taken.
TAKEN = ("settled", "withdrawn")


@dataclass(frozen=True)
class Books:
    """What the database and the stand-ins say in the end. Keys of the rows:

    ``comments`` (what people wrote): id, file_key, is_addressed.
    ``acknowledged`` (Figma's record of what web took): webhook_id, comment_id.
    ``received``: webhook_id (Figma's), comment_id, outcome.
    ``answers``: id, file_key, comment_id, state, decision, reason, reply_comment_id, run.
    ``replies`` (in Figma's threads, by their reference): id, answer_id.
    ``analyses``: id, state, source, is_charged, has_result. ``pipelines``: id, state, verdict,
    is_charged, reserved. ``asked``: ids of both that web acknowledged.
    ``receipts``: id, answer_id, run, user_id, plan_code, period, state, reply_comment_id.
    ``usage``: id, answer_id, run, feature, status, receipt_id, cost, unknown_calls.
    ``balances``: user_id, plan_code, period, used, reserved.
    ``jobs``: id, task, status. ``sums``: what, key, ledger, kept.
    ``completed_calls`` (the model's own count), ``booked_calls``, ``unknown_calls``.
    """

    comments: list[Row] = field(default_factory=list)
    acknowledged: list[Row] = field(default_factory=list)
    received: list[Row] = field(default_factory=list)
    answers: list[Row] = field(default_factory=list)
    replies: list[Row] = field(default_factory=list)
    analyses: list[Row] = field(default_factory=list)
    pipelines: list[Row] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    receipts: list[Row] = field(default_factory=list)
    usage: list[Row] = field(default_factory=list)
    balances: list[Row] = field(default_factory=list)
    jobs: list[Row] = field(default_factory=list)
    sums: list[Row] = field(default_factory=list)
    completed_calls: int = 0
    booked_calls: int = 0
    unknown_calls: int = 0


@dataclass(frozen=True)
class Breach:
    """A rule that does not hold, and the row that shows it."""

    rule: str
    row: str


def audit(books: Books) -> list[Breach]:
    """Every breach, in the order of the rules."""
    checks = (lost, outcomes, stuck, replies, receipts, charges, ledger, balances, sums, calls)
    return [breach for check in checks for breach in check(books)]


def lost(books: Books) -> Iterator[Breach]:
    """Nothing that web took is missing."""
    stored = {(row["webhook_id"], row["comment_id"]) for row in books.received}
    for webhook_id, comment_id in sorted(_deliveries(books) - stored):
        yield Breach("an acknowledged delivery is stored", f"{comment_id} by {webhook_id}")
    known = {row["id"] for row in books.analyses} | {row["id"] for row in books.pipelines}
    for each in sorted(set(books.asked) - known):
        yield Breach("an acknowledged request is stored", each)


def outcomes(books: Books) -> Iterator[Breach]:
    """Every acknowledged comment that calls the buddy has exactly one answer; others have none."""
    taken = {comment_id for _, comment_id in _deliveries(books)}
    answers = Counter(row["comment_id"] for row in books.answers)
    for comment in books.comments:
        expected = int(comment["is_addressed"] and comment["id"] in taken)
        found = answers[comment["id"]]
        # A delivery may be stored whose acknowledgement was lost on the way.
        if found != expected and not (found == 1 and comment["is_addressed"]):
            yield Breach(
                "an acknowledged comment has exactly one outcome",
                f"{comment['id']}: {found} answers, {expected} expected",
            )
    said = Counter((row["webhook_id"], row["comment_id"]) for row in books.received)
    for (webhook_id, comment_id), times in said.items():
        if times > 1:
            yield Breach("a delivery is stored once", f"{comment_id} by {webhook_id}: {times}")


def stuck(books: Books) -> Iterator[Breach]:
    """Nothing waits, holds or runs any more."""
    kinds = (
        ("answer", books.answers, ANSWER_ENDS),
        ("analysis", books.analyses, ANALYSIS_ENDS),
        ("pipeline", books.pipelines, PIPELINE_ENDS),
    )
    for kind, rows, ends in kinds:
        for row in rows:
            if row["state"] not in ends:
                yield Breach("nothing is stuck", f"{kind} {row['id']} is {row['state']}")
    for job in books.jobs:
        yield Breach("nothing is stuck", f"job {job['id']} ({job['task']}) is {job['status']}")
    for receipt in books.receipts:
        if receipt["state"] == "reserved":
            yield Breach("nothing is stuck", f"receipt {receipt['id']} is still reserved")
    for row in books.pipelines:
        if row["reserved"]:
            yield Breach("nothing is stuck", f"pipeline {row['id']} holds {row['reserved']}")


def replies(books: Books) -> Iterator[Breach]:
    """One reply for what was answered, the one in the books; none for what was not."""
    by_answer = _grouped(books.replies, "answer_id")
    for answer in books.answers:
        found = [row["id"] for row in by_answer.get(answer["id"], [])]
        name = f"answer {answer['id']} of comment {answer['comment_id']}"
        if len(found) > 1:
            yield Breach("a reply is posted once", f"{name}: {', '.join(found)}")
        if answer["state"] == "answered" and answer["reply_comment_id"] not in found:
            yield Breach("an answered comment has its reply", f"{name}: found {found}")
        if answer["state"] in ("ignored", "failed") and found:
            yield Breach("a reply is in the books", f"{name} is {answer['state']}: {found}")


def receipts(books: Books) -> Iterator[Breach]:
    """A taken use, a reply (or result) and a row of the ledger go together, each once."""
    by_run = _grouped(books.receipts, "answer_id", "run")
    for (answer_id, run), found in by_run.items():
        if len(found) > 1:
            yield Breach("a run has one receipt", f"{answer_id} run {run}: {len(found)}")
    taken = {row["id"] for row in books.receipts if row["state"] in TAKEN}
    booked = Counter(row["receipt_id"] for row in books.usage if row["receipt_id"] in taken)
    for receipt_id in sorted(taken):
        if booked[receipt_id] != 1:
            yield Breach(
                "a taken use has one row of the ledger",
                f"receipt {receipt_id}: {booked[receipt_id]}",
            )
    released = {row["id"] for row in books.receipts if row["state"] not in TAKEN}
    for row in books.usage:
        if row["status"] == "answered" and row["receipt_id"] in released:
            yield Breach("an answered row has a taken use", f"row {row['id']}")
    paid = {row["answer_id"] for row in books.receipts if row["state"] in TAKEN}
    for answer in books.answers:
        needs_one = (answer["state"], answer["decision"]) == ("answered", "answer")
        if needs_one and answer["id"] not in paid:
            yield Breach("an answer takes one use", f"answer {answer['id']} took none")


def charges(books: Books) -> Iterator[Breach]:
    """Nobody is charged for nothing."""
    posted = {row["answer_id"] for row in books.replies}
    answers = {row["id"]: row for row in books.answers}
    analyses = {row["id"]: row for row in books.analyses}
    pipelines = {row["id"]: row for row in books.pipelines}
    for receipt in books.receipts:
        if receipt["state"] != "settled":
            continue
        of = receipt["answer_id"]
        if of in answers:
            earned = of in posted
        elif of in analyses:
            earned = analyses[of]["state"] == "done" and analyses[of]["source"] == "model"
        elif of in pipelines:
            earned = (pipelines[of]["state"], pipelines[of]["verdict"]) == ("done", "passed")
        else:
            earned = False
        if not earned:
            yield Breach("nobody is charged for nothing", f"receipt {receipt['id']} of {of}")


def ledger(books: Books) -> Iterator[Breach]:
    """One row of the ledger for each run that ended with a use, and none twice."""
    rows = Counter((row["answer_id"], row["run"]) for row in books.usage)
    for (answer_id, run), times in rows.items():
        if times > 1:
            yield Breach("a run has one row of the ledger", f"{answer_id} run {run}: {times}")
    for answer in books.answers:
        ended = answer["state"] in ("answered", "failed")
        if ended and not rows[answer["id"], answer["run"]]:
            yield Breach("an end is in the ledger", f"answer {answer['id']} ({answer['state']})")
    for analysis in books.analyses:
        if analysis["state"] in ("done", "failed") and not any(
            key[0] == analysis["id"] for key in rows
        ):
            yield Breach("an end is in the ledger", f"analysis {analysis['id']}")


def balances(books: Books) -> Iterator[Breach]:
    """What people have used is what their receipts say."""
    used = Counter(
        (row["user_id"], row["plan_code"], row["period"])
        for row in books.receipts
        if row["state"] in TAKEN
    )
    kept = {(row["user_id"], row["plan_code"], row["period"]): row for row in books.balances}
    for key in sorted({*used, *kept}, key=str):
        row = kept.get(key, {"used": 0, "reserved": 0})
        if row["used"] != used[key] or row["reserved"]:
            yield Breach(
                "balances are the receipts",
                f"{key}: {row['used']} used, {row['reserved']} reserved, {used[key]} taken",
            )


def sums(books: Books) -> Iterator[Breach]:
    """Rollups, billing and calls are the ledger."""
    for row in books.sums:
        if row["ledger"] != row["kept"]:
            yield Breach(
                f"{row['what']} are the ledger",
                f"{row['key']}: ledger {row['ledger']}, kept {row['kept']}",
            )


def calls(books: Books) -> Iterator[Breach]:
    """No call of a model is booked that was not made, and none is forgotten."""
    made, booked, unknown = books.completed_calls, books.booked_calls, books.unknown_calls
    if not booked <= made <= booked + CALLS_AN_ATTEMPT * unknown:
        yield Breach(
            "calls of models are booked", f"{made} made, {booked} booked, {unknown} unknown"
        )


def _deliveries(books: Books) -> set[tuple[str, str]]:
    return {(row["webhook_id"], row["comment_id"]) for row in books.acknowledged}


def _grouped(rows: Iterable[Row], *names: str) -> dict[Any, list[Row]]:
    found = defaultdict(list)
    for row in rows:
        key = tuple(row[name] for name in names)
        found[key if len(names) > 1 else key[0]].append(row)
    return found
